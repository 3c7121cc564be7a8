//===- fault.cpp - Fault signals, on Linux -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#if !defined(__wasm__)

#include "platform/platform.h"

#include <signal.h>
#include <string.h>
#include <ucontext.h>

namespace cairn::platform {

const void *faultedAt;

namespace {
constexpr int kSignals[] = {SIGSEGV, SIGBUS};
struct sigaction before[2];
void (*explainer)(uintptr_t, const uintptr_t *, size_t, bool);
int explained;
bool passedOn[2]; ///< To the handler before, since ours was put in its place.

void handle(int signal, siginfo_t *info, void *context) {
  if (!__atomic_exchange_n(&explained, 1, __ATOMIC_RELAXED)) {
    const auto &machine = static_cast<ucontext_t *>(context)->uc_mcontext;
#if defined(__x86_64__)
    uintptr_t registers[16];
    for (int i = 0; i < 16; ++i)
      registers[i] = uintptr_t(machine.gregs[i]);
    size_t count = 16;
    faultedAt = reinterpret_cast<const void *>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
    uintptr_t registers[31];
    for (int i = 0; i < 31; ++i)
      registers[i] = uintptr_t(machine.regs[i]);
    size_t count = 31;
    faultedAt = reinterpret_cast<const void *>(machine.pc);
#else
    uintptr_t registers[1] = {0};
    size_t count = 0;
    (void)machine;
#endif
    const struct sigaction &next = before[signal == kSignals[0] ? 0 : 1];
    explainer(reinterpret_cast<uintptr_t>(info->si_addr), registers, count,
              next.sa_flags & SA_SIGINFO || next.sa_handler != SIG_DFL);
  }
  // The instruction runs again, and the program gets the signal as if nobody had looked.
  // If the handler before ours leads back here, as it does where it was set in the place of ours
  // once, the process ends.
  struct sigaction end;
  memset(&end, 0, sizeof(end));
  end.sa_handler = SIG_DFL;
  for (size_t i = 0; i < 2; ++i)
    if (kSignals[i] == signal)
      sigaction(signal,
                __atomic_exchange_n(&passedOn[i], true, __ATOMIC_RELAXED) ? &end : &before[i],
                nullptr);
}
} // namespace

void onFault(void (*explain)(uintptr_t, const uintptr_t *, size_t, bool)) {
  explainer = explain;
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (size_t i = 0; i < 2; ++i) {
    struct sigaction now;
    sigaction(kSignals[i], nullptr, &now);
    if (now.sa_flags & SA_SIGINFO && now.sa_sigaction == handle)
      continue;
    // A sanitizer says itself what it sees, and asks for what is known of it.
    if (isSanitized() && (now.sa_flags & SA_SIGINFO || now.sa_handler != SIG_DFL))
      continue;
    before[i] = now;
    passedOn[i] = false;
    sigaction(kSignals[i], &action, nullptr);
  }
}

} // namespace cairn::platform

#endif

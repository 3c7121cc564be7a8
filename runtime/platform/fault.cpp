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
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

namespace cairn::platform {

const void *faultedAt;

namespace {
constexpr int kSignals[] = {SIGSEGV, SIGBUS};
struct sigaction before[2];
bool (*explainer)(uintptr_t, const uintptr_t *, size_t, bool);
enum { kNone, kBegun, kDone };
int explained = kNone; ///< Only one fault of the process is.
/// Where a signal was last passed on to the handler before ours: what the system gave, and the
/// frame.
const siginfo_t *passedInfo;
uintptr_t passedFrame;

/// What the program had for the signal before ours.
const struct sigaction &actionBefore(int signal) { return before[signal == kSignals[0] ? 0 : 1]; }
/// Whether that is a function, or to ignore the signal.
bool isHandled(const struct sigaction &action) {
  return action.sa_flags & SA_SIGINFO || action.sa_handler != SIG_DFL;
}

/// Gives the signal to the handler that was there before, or lets it end the process.
void passOn(int signal, siginfo_t *info, void *context, uintptr_t frame) {
  const struct sigaction &next = actionBefore(signal);
  // A handler that was set in the place of ours once, and calls it for what it does not know, leads
  // back here: with the same signal, from a deeper frame.
  const bool again = passedInfo == info && frame < passedFrame;
  passedInfo = info;
  passedFrame = frame;
  if (!again && next.sa_flags & SA_SIGINFO)
    return next.sa_sigaction(signal, info, context);
  if (!again && next.sa_handler != SIG_DFL && next.sa_handler != SIG_IGN)
    return next.sa_handler(signal);
  const bool sent = info->si_code <= 0;
  if (!again && sent && next.sa_handler == SIG_IGN)
    return;
  struct sigaction end;
  memset(&end, 0, sizeof(end));
  end.sa_handler = SIG_DFL;
  sigaction(signal, &end, nullptr);
  // The instruction of a fault runs again. A signal that was sent does not come again by itself.
  if (sent)
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal);
}

void handle(int signal, siginfo_t *info, void *context) {
  const uintptr_t frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  int none = kNone;
  if (info->si_code <= 0) {
    // Somebody sent it: there is no address.
  } else if (__atomic_compare_exchange_n(&explained, &none, kBegun, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
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
    const bool ours = explainer(reinterpret_cast<uintptr_t>(info->si_addr), registers, count,
                                isHandled(actionBefore(signal)));
    __atomic_store_n(&explained, ours ? kDone : kNone, __ATOMIC_RELEASE);
  } else {
    // What another thread says of its fault may name this one's, too. The process must not end
    // before.
    const timespec pause = {0, 1000000};
    for (int i = 0; i < 10000 && __atomic_load_n(&explained, __ATOMIC_ACQUIRE) == kBegun; ++i)
      nanosleep(&pause, nullptr);
  }
  passOn(signal, info, context, frame);
}
} // namespace

void onFault(bool (*explain)(uintptr_t, const uintptr_t *, size_t, bool)) {
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
    if (isSanitized() && isHandled(now))
      continue;
    before[i] = now;
    sigaction(kSignals[i], &action, nullptr);
  }
}

} // namespace cairn::platform

#endif

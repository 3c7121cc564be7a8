//===- fault.cpp - Fault signals, on Linux -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   stack of the handler: the thread's, or its alternate one     [signal's frame][handle]
//   stack of explanations, of the process                        [page that cannot be
//   touched][explain]
//
// A program gives its threads alternate stacks that are large enough for its own handlers, often of
// 8 KB. The handler needs some hundred bytes of that. What an explanation needs is several times as
// much, as it asks the C library for names; so it runs on a stack of Cairn's own. That is one for
// the process: only one fault is explained at a time.
//
//===----------------------------------------------------------------------===//

#if !defined(__wasm__)

#include "platform/platform.h"
#include "platform/system_call.h"

#include <signal.h>
#include <string.h>
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
constexpr size_t kStackBytes = size_t(64) << 10;
char *explanations; ///< The stack of explanations; null: the system had no memory for it.

/// Calls f on another stack, whose end is `top`. Unwinding goes through this function by its frame
/// pointer.
__attribute__((noinline)) void callOn(char *top, void (*f)()) {
  __asm__ volatile("" ::"r"(__builtin_frame_address(0))); // it has one
#if defined(__x86_64__)
  __asm__ volatile("movq %%rsp, %%rbx\n\t"
                   "movq %0, %%rsp\n\t"
                   "callq *%1\n\t"
                   "movq %%rbx, %%rsp"
                   : "+r"(top), "+r"(f)
                   :
                   : "rbx", "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory",
                     "cc");
#elif defined(__aarch64__)
  __asm__ volatile("mov x19, sp\n\t"
                   "mov sp, %0\n\t"
                   "blr %1\n\t"
                   "mov sp, x19"
                   : "+r"(top), "+r"(f)
                   :
                   : "x19", "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
                     "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x18", "x30", "memory", "cc");
#else
  (void)top;
  f();
#endif
}

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
    systemCall(SYS_tgkill, getpid(), systemCall(SYS_gettid), signal);
}

struct Fault {
  int signal;
  const siginfo_t *info;
  const void *context;
  bool ours; ///< It was explained.
};
Fault fault; ///< That which is being explained.

void explainFault() {
  const auto &machine = static_cast<const ucontext_t *>(fault.context)->uc_mcontext;
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
  fault.ours = explainer(reinterpret_cast<uintptr_t>(fault.info->si_addr), registers, count,
                         isHandled(actionBefore(fault.signal)));
}

bool explainOnOwnStack(const Fault &what) {
  fault = what;
  // memcheck takes the other stack for an overflow of this one.
  if (!explanations || underMemcheck) {
    explainFault();
    return fault.ours;
  }
  // A handler that the system called meanwhile would begin at the alternate stack's end again, and
  // write over what this one has there.
  sigset_t all, mask;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &mask);
  callOn(explanations + kStackBytes, explainFault);
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  return fault.ours;
}

void handle(int signal, siginfo_t *info, void *context) {
  const uintptr_t frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  int none = kNone;
  if (info->si_code <= 0) {
    // Somebody sent it: there is no address.
  } else if (__atomic_compare_exchange_n(&explained, &none, kBegun, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE)) {
    const bool ours = explainOnOwnStack({signal, info, context, false});
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
  // Never given back.
  if (!explanations)
    if (auto *all = static_cast<char *>(reserve(kPage + kStackBytes, kPage))) {
      makeUntouchable(all, kPage);
      explanations = all + kPage;
    }
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

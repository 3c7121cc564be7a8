//===- purger.cpp - The thread that gives memory back -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/purger.h"

namespace cairn {

namespace {
/// Long enough for a phase to begin again, short enough for all to be gone in a second.
constexpr unsigned kDelay = 400;
/// The purger sleeps while no heap has more dirty memory than this.
constexpr size_t kWorthPurging = size_t(1) << 20;
/// Used memory from which on the process's malloc makes the thread ahead of need.
constexpr uint64_t kEarly = (uint64_t(32) << 20) >> kGranuleShift;
constexpr uint64_t kNever = ~uint64_t(0);

enum State : uint32_t {
  kNone,    ///< There is no thread yet.
  kBlocked, ///< It waits for noteFreed().
  kSweeping,
  kAtOnce, ///< There is to be none: a free that leaves too much gives it back itself.
};
uint32_t state = kNone;
unsigned delay = kDelay;
/// The system may refuse a thread while it has no memory or no number for one. It is asked so
/// often.
constexpr unsigned kMostRefused = 8;
unsigned refused;
bool asked; ///< CAIRN_PURGE_DELAY asks for the thread, so it is made in any case.
platform::Semaphore wake;

/// Calls f with each heap, under the process's lock and the heap's, while it returns true.
template <typename F> void eachHeap(F f) {
  for (uint32_t i = 0; i < heapCount(); ++i)
    for (bool again = true; again;) {
      platform::Guard guard(processLock); // it may be destroyed in between
      Heap *heap = heapAt(i);
      if (!heap)
        break;
      platform::Guard inner(heap->lock);
      again = f(heap);
    }
}

bool worthPurging(const Heap *heap) { return heap->space.dirtyBytes() > kWorthPurging; }

bool anyWorthPurging() {
  bool any = false;
  eachHeap([&](Heap *heap) {
    any |= worthPurging(heap);
    return false;
  });
  return any;
}

void run() {
  platform::nameThread("cairn-purger");
  for (;;) {
    eachHeap([](Heap *heap) { return heap->space.sweep(); });
    if (!anyWorthPurging()) {
      __atomic_store_n(&state, kBlocked, __ATOMIC_SEQ_CST);
      // A free that came before `state` was kBlocked has woken nobody, so look again. One that
      // comes after this look finds kBlocked, and wakes.
      uint32_t blocked = kBlocked;
      if (!anyWorthPurging() || !__atomic_compare_exchange_n(&state, &blocked, kSweeping, false,
                                                             __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        wake.wait();
      continue;
    }
    unsigned wanted = __atomic_load_n(&delay, __ATOMIC_RELAXED);
    platform::sleep(wanted ? wanted : kDelay);
  }
}
} // namespace

Purger purger = {false, false, kNever};

void noteFreed(Heap *heap) {
  if (CAIRN_LIKELY(!worthPurging(heap)))
    return;
  switch (__atomic_load_n(&state, __ATOMIC_RELAXED)) {
  case kSweeping:
    return;
  case kBlocked: {
    uint32_t blocked = kBlocked;
    if (__atomic_compare_exchange_n(&state, &blocked, kSweeping, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST))
      wake.post();
    return;
  }
  case kNone:
    __atomic_store_n(&purger.wanted, true, __ATOMIC_RELAXED);
  }
  heap->space.purgeIfMuch();
}

void startPurger() {
  __atomic_store_n(&purger.wanted, false, __ATOMIC_RELAXED);
  __atomic_store_n(&purger.earlyAt, kNever, __ATOMIC_RELAXED);
  uint32_t none = kNone;
  if (!__atomic_compare_exchange_n(&state, &none, kSweeping, false, __ATOMIC_SEQ_CST,
                                   __ATOMIC_SEQ_CST))
    return;
  wake.reset();
  bool may = __atomic_load_n(&asked, __ATOMIC_RELAXED) || !platform::filtersSystemCalls();
  if (may && platform::startThread(run))
    return;
  may = may && __atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED) < kMostRefused;
  __atomic_store_n(&state, may ? kNone : kAtOnce, __ATOMIC_SEQ_CST);
}

void startPurgerEarly() {
  __atomic_store_n(&purger.notInFrees, true, __ATOMIC_RELAXED);
  __atomic_store_n(&purger.earlyAt, kEarly, __ATOMIC_RELAXED);
}

void setPurgeDelay(unsigned milliseconds) {
  __atomic_store_n(&delay, milliseconds, __ATOMIC_RELAXED);
  uint32_t none = milliseconds ? kAtOnce : kNone, now = milliseconds ? kNone : kAtOnce;
  __atomic_compare_exchange_n(&state, &none, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void readPurgeDelay() {
  const char *wish = platform::environment("CAIRN_PURGE_DELAY");
  if (!wish || *wish < '0' || *wish > '9')
    return;
  unsigned n = 0;
  for (; *wish >= '0' && *wish <= '9' && n < 100000000; ++wish)
    n = n * 10 + unsigned(*wish - '0');
  setPurgeDelay(n);
  __atomic_store_n(&asked, n != 0, __ATOMIC_RELAXED);
}

void forgetPurger() {
  wake.reset();
  __atomic_store_n(&refused, 0u, __ATOMIC_RELAXED);
  __atomic_store_n(&purger.wanted, false, __ATOMIC_RELAXED);
  __atomic_store_n(&purger.earlyAt, purger.notInFrees ? kEarly : kNever, __ATOMIC_RELAXED);
  __atomic_store_n(&state, delay ? kNone : kAtOnce, __ATOMIC_SEQ_CST);
}

} // namespace cairn

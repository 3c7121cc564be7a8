//===- freed.cpp - Whether a block was freed already -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/freed.h"

namespace cairn {

#if !CAIRN_ONLY_CALLS
namespace {

/// Steps through a list of a slab's free slots, once marks turned out to be stale. Those of
/// another thread's slab are in another processor's cache: then none is worth it.
constexpr unsigned kFewSteps = 64;
/// Blocks were met that inlined code was given: what a mark says is often not so.
bool marksAreStale;

/// A slab of the caller's, and a slot with a mark: the search is worth its time.
bool isListed(const Slab *slab, const void *p) {
  bool found = false;
  eachStack(slab->shared->cache, slab, [&](const SlotStack *stack) {
    for (void **top = stack->top; !found && *top; --top)
      found = *top == p;
  });
  unsigned steps = __atomic_load_n(&marksAreStale, __ATOMIC_RELAXED) ? kFewSteps : slab->slots;
  for (void *at = slab->free; !found && at && steps; at = *static_cast<void **>(at), --steps) {
    found = at == p;
    if (!soundLink(slab, at))
      break; // written over
  }
  return found;
}

/// Another thread's slab, or nobody's. Others may take the list meanwhile, and write over
/// its links: it counts if it is the same afterwards.
__attribute__((no_sanitize("thread"))) bool isListedRemotely(const Slab *slab, const void *p) {
  uint64_t before = __atomic_load_n(&slab->shared->remote, __ATOMIC_ACQUIRE);
  Remote remote = Remote::unpack(before);
  void *at = remote.head ? linkAt(slab, remote.head - 1u) : nullptr;
  bool found = false;
  for (unsigned steps = remote.count; !found && steps && soundLink(slab, at); --steps) {
    found = at == p;
    at = __atomic_load_n(static_cast<void **>(at), __ATOMIC_RELAXED);
  }
  return found && __atomic_load_n(&slab->shared->remote, __ATOMIC_ACQUIRE) == before;
}

} // namespace

bool isOnTopOfAny(const Slab *page, const void *p) {
  bool found = page->free == p;
  eachStack(page->shared->cache, page, [&](const SlotStack *stack) {
    unsigned steps = kFewOnTop;
    for (void **top = stack->top; !found && *top && steps; --top, --steps)
      found = *top == p;
  });
  return found;
}

bool isAmongFreed(const Slab *slab, const void *p) {
  bool own = __atomic_load_n(&slab->owner, __ATOMIC_RELAXED) == fast::self() + kRaw;
  if (!own && __atomic_load_n(&marksAreStale, __ATOMIC_RELAXED))
    return false; // the remote list's head is looked at when it is pushed to
  if (own ? isListed(slab, p) : isListedRemotely(slab, p))
    return true;
  if (!__atomic_load_n(&marksAreStale, __ATOMIC_RELAXED))
    __atomic_store_n(&marksAreStale, true, __ATOMIC_RELAXED);
  return false;
}
#endif

} // namespace cairn

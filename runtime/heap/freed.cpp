//===- freed.cpp - Whether a block was freed already -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/freed.h"
#include "heap/heap.h"

namespace cairn {

#if CAIRN_ONLY_CALLS
bool isFreed(const Slab *slab, const void *p) { return isMarkedFreed(slab, p); }
#else
namespace {

/// Steps through a list of a slab's free slots, once marks turned out to be stale. Those of
/// another thread's slab are in another processor's cache: then none is worth it.
constexpr unsigned kFewSteps = 64;
/// Blocks were met that inlined code was given: what a mark says is often not so.
bool marksAreStale;

/// A slab of the caller's. A mark is worth a search; without one, inlined code may have
/// freed the slot a moment ago.
bool isListed(const Slab *slab, const void *p, bool marked) {
  bool found = false;
  eachStack(slab->shared->cache, slab, [&](const SlotStack *stack) {
    unsigned steps = marked ? ~0u : 8;
    for (void **top = stack->top; !found && *top && steps; --top, --steps)
      found = *top == p;
  });
  bool stale = __atomic_load_n(&marksAreStale, __ATOMIC_RELAXED);
  unsigned steps = !marked ? 1 : stale ? kFewSteps : slab->slots;
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

bool isFreed(const Slab *slab, const void *p) {
  bool marked = isMarkedFreed(slab, p);
  bool own = __atomic_load_n(&slab->owner, __ATOMIC_RELAXED) == fast::self() + kRaw;
  if (!own && (!marked || __atomic_load_n(&marksAreStale, __ATOMIC_RELAXED)))
    return false; // the remote list's head is looked at when it is pushed to
  if (own ? isListed(slab, p, marked) : isListedRemotely(slab, p))
    return true;
  if (marked && !__atomic_load_n(&marksAreStale, __ATOMIC_RELAXED))
    __atomic_store_n(&marksAreStale, true, __ATOMIC_RELAXED);
  return false;
}
#endif

} // namespace cairn

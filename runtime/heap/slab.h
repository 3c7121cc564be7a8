//===- slab.h - A slab's shared line and its arithmetic -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A slab is kSlabSize bytes (or, in a small heap, a page) of equal slots. What
// its owner alone writes is `Slab` (cairn/abi.h); what other threads write, and
// what changes only when the slab changes hands, is `Shared`:
//
//   remote   [state:8 | count:16 | head:16]   one atomic word: the slots freed by
//            other threads, as a list through the slots, and where the slab is
//
// States: in hand (its owner allocates from it), full (in no hand, too little
// free to be worth taking up), ready (worth taking up), orphan (its owner has
// ended). Invariant: a slot is live, or in exactly one of the local list, the
// remote list and the part never given to either (index >= fresh). One on a stack (stack.cpp)
// counts as live. Lists of slabs, the state and `cache` change under the owning cache's lock; an
// orphan's under its heap's. A slab that is to be released is no cache's from the moment that it
// leaves its list: whoever holds the lock of `cache` may read and write the slab's record.
//
// Outside the hand, `credit` counts local frees down from `armed`, so
//   free = freeAtArm + (armed - credit) + remote count.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_SLAB_H
#define CAIRN_HEAP_SLAB_H

#include "cairn/abi.h"

namespace cairn {

struct Heap;
struct Cache;

/// Slab::role. A split unit belongs to a small heap: `free` points to the records
/// of its pages, and nothing is ever popped from it. A guarded unit has one slot
/// (heap/guard.h): no thread owns it, and `fresh` is 0 while its block is dead.
enum SlabRole : uint8_t {
  kNoRole = 0,
  kSlabRole = 1,
  kSpaceRole = 2,
  kSplitRole = 3,
  kGuardRole = 4
};

enum SlabState : uint8_t { kIdle = 0, kHand, kFull, kReady, kOrphan, kGuarded };

struct alignas(64) Shared {
  uint64_t remote;
  Heap *heap;
  Cache *cache; ///< The owner's, or null for an orphan.
  Slab *slab;
  Shared *next;
  Shared *prev;
  int32_t armed; ///< Of a guarded unit: the number of its record (heap/guard.h).
  int32_t freeAtArm;
  uint64_t *origins; ///< Of its slots in a checked heap (heap/origin.h); null in others.
};
static_assert(sizeof(Shared) == 64);

/// While in hand, frees never reach the cold path.
constexpr intptr_t kInHand = INTPTR_MAX / 2;

struct Remote {
  uint16_t head; ///< Slot index + 1; 0 for none.
  uint16_t count;
  SlabState state;

  static Remote unpack(uint64_t w) {
    return {uint16_t(w), uint16_t(w >> 16), SlabState(w >> 32 & 0xff)};
  }
  uint64_t pack() const { return uint64_t(head) | uint64_t(count) << 16 | uint64_t(state) << 32; }
};

inline Remote loadRemote(const Shared *s) {
  return Remote::unpack(__atomic_load_n(&s->remote, __ATOMIC_ACQUIRE));
}

inline bool isGuarded(const Slab *s) {
  return __atomic_load_n(&s->role, __ATOMIC_ACQUIRE) == kGuardRole;
}
/// Its block is dead: no byte of it can be read.
inline bool isDeadGuarded(const Slab *s) {
  return isGuarded(s) && !__atomic_load_n(&s->fresh, __ATOMIC_RELAXED);
}

inline Kind kindOf(const Slab *s) { return Kind(s->bin / kClasses); }
inline unsigned classOf(const Slab *s) { return s->bin % kClasses; }

inline char *slotAt(const Slab *s, unsigned i) {
  return reinterpret_cast<char *>(s->base + s->start + size_t(i) * s->slotSize);
}
inline void *linkAt(const Slab *s, unsigned i) { return slotAt(s, i) + linkOffset(kindOf(s)); }

/// The index of the slot that byte `off` after slot 0 lies in. Before slot 0 `off` wraps, and
/// the index is past every slot's, as it is behind the last one.
inline uint64_t slotIndex(const Slab *s, uint64_t off) { return off * s->reciprocal >> 32; }

/// The slot that p lies in, or -1 for the slab's edges.
inline int slotOf(const Slab *s, const void *p) {
  uintptr_t off = reinterpret_cast<uintptr_t>(p) - s->base - s->start;
  if (off >= kSlabSize)
    return -1;
  unsigned i = unsigned(slotIndex(s, off));
  return i < s->slots ? int(i) : -1;
}

/// The slot that begins `off` bytes after slot 0; a number past every slot if none does.
/// With size * reciprocal = 2^32 + e, e < size, the product of a multiple of the size is
/// index * 2^32 + index * e, and index * e < 2^16 < reciprocal; any other offset adds at
/// least one reciprocal to the lower half, and too few to overflow it.
inline uint64_t exactSlot(const Slab *s, uint32_t off) {
  uint64_t product = uint64_t(off) * s->reciprocal;
  return uint32_t(product) < s->reciprocal ? product >> 32 : ~uint64_t(0);
}

/// The slot whose link address p is, where that is known to be `offset` behind its start; a number
/// past every slot if there is none.
inline uint64_t linkedSlot(const Slab *s, const void *p, size_t offset) {
  uintptr_t off = reinterpret_cast<uintptr_t>(p) - s->base - s->start - offset;
  return off < kSlabSize ? exactSlot(s, uint32_t(off)) : ~uint64_t(0);
}
/// Whether p can be a link of the slab's lists. A program can write over a free slot.
inline bool soundLink(const Slab *s, const void *p) {
  return linkedSlot(s, p, linkOffset(kindOf(s))) < __atomic_load_n(&s->fresh, __ATOMIC_RELAXED);
}

/// The same of a link whose slot is to be given out: it holds no live object.
inline bool soundFree(const Slab *s, const void *p) {
  if (!soundLink(s, p))
    return false;
  const char *slot = static_cast<const char *>(p) - linkOffset(kindOf(s));
  const uint32_t *word = reinterpret_cast<const uint32_t *>(slot);
  return kindOf(s) == kRaw || (word[0] == 0 && (kindOf(s) != kObject || word[1] != kArrayMark));
}

/// Free slots that make a slab worth taking up again.
inline unsigned wakeAt(const Slab *s) { return s->slots < 16 ? 1 : s->slots / 8; }

} // namespace cairn

#endif // CAIRN_HEAP_SLAB_H

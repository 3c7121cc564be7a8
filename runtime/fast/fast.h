//===- fast.h - What is inlined into generated code ----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The fast paths, once: the runtime's own entry points call them, and fast.cpp
// turns them into the bitcode that the lowering pass inlines.
//
//   alloc   p = *bin.top; --bin.top                                     8 instructions
//   free    slab = table[p >> 16]; owner == me; *++slab->stack.top = p 14
//           or, where there is no room, push on its list; --credit     17
//           of what the same function allocated: *++bin.top = p         7
//   incref  ++count > 1                                               5
//   decref  count > 1; --count                                        5
//
// WebAssembly has lists of its own (fast/wasm.h).
//
// Threat: another thread frees into, or takes over, a slab of ours. It never
// writes the record these paths touch: it writes `Shared`, and changes `owner`
// only when we are gone or the slab has no block left. Threat: a free of a block
// that is not ours, or not a block. Its table entry has another owner (0 outside
// every heap), so it leaves for the cold path.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_FAST_FAST_H
#define CAIRN_FAST_FAST_H

#include "cairn/abi.h"
#include "fast/entry.h"

#define CAIRN_LIKELY(x) __builtin_expect(!!(x), 1)
#define CAIRN_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define CAIRN_INLINE inline __attribute__((always_inline))
#define CAIRN_FAST static CAIRN_INLINE

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CAIRN_TSAN 1
#endif
#endif
#ifndef CAIRN_TSAN
#define CAIRN_TSAN 0
#endif

namespace cairn {
namespace fast {

static constexpr ClassTable kClassTable = makeClassTable();
/// The class for n bytes, n <= kMaxSmall.
CAIRN_FAST unsigned classFor(uint64_t n) { return kClassTable.of[(n + 7) / 8]; }

/// Where a descriptor has its header word.
CAIRN_FAST const uint32_t *typeMeta(const cairn_type *type) {
  return reinterpret_cast<const uint32_t *>(reinterpret_cast<const char *>(type) +
                                            TypeLayout(sizeof(void *)).meta);
}

} // namespace fast
} // namespace cairn

#if defined(__wasm__)
#include "fast/wasm.h" // bins, pop and push where there is one thread
#else
namespace cairn {
namespace fast {

/// Identifies the calling thread in Slab::owner. The thread's block of static
/// TLS starts on a multiple of 16 at least: the kind fits below.
CAIRN_FAST uintptr_t self() { return reinterpret_cast<uintptr_t>(__builtin_thread_pointer()); }

CAIRN_FAST Slab *slabOf(const void *p) {
  uintptr_t at = reinterpret_cast<uintptr_t>(cairn_rt_table) +
                 ((reinterpret_cast<uintptr_t>(p) >> kSlabShift) << kSlabRecordShift);
  // Keep the record's address in one register: an indexed address on the list's
  // head costs store forwarding, and more than the pair itself.
  asm("" : "+r"(at));
  return reinterpret_cast<Slab *>(at);
}

CAIRN_FAST Bins *bins() { return &cairn_rt_tls->cache; }

/// The calling thread's cache of a heap that is not the default one.
CAIRN_FAST Bins *binsOf(void *heap) {
  auto &entry = cairn_rt_tls->lookup[(reinterpret_cast<uintptr_t>(heap) >> kHeapAlign) % kLookups];
  return CAIRN_LIKELY(__atomic_load_n(&entry.heap, __ATOMIC_RELAXED) == heap) ? entry.bins
                                                                              : cairn_rt_bins(heap);
}

/// Whether memory that is used again may lie where an object does: in the heap that is meant, or
/// anywhere for null, the default one. It may also be false where a heap does not hold its region.
CAIRN_FAST bool isOn(const void *ref, const void *heap) {
  auto *bounds = static_cast<const HeapBounds *>(heap);
  return !heap || reinterpret_cast<uintptr_t>(ref) - bounds->base <
                      __atomic_load_n(&bounds->bytes, __ATOMIC_RELAXED);
}

/// Where in Bins the raw bin for n bytes lies, by (n + 7) / 8.
struct PlaceTable {
  uint16_t of[kMaxSmall / 8 + 1];
};
constexpr PlaceTable makePlaceTable() {
  PlaceTable t = {};
  for (size_t i = 0; i <= kMaxSmall / 8; ++i)
    t.of[i] = uint16_t(binOf(kRaw, classOf(i * 8)) * sizeof(SlotStack));
  return t;
}
static constexpr PlaceTable kPlaceTable = makePlaceTable();

/// The raw bin for n bytes, n <= kMaxSmall: as an offset, which spares a multiplication.
struct RawBin {
  CAIRN_INLINE explicit RawBin(uint64_t n) : Place(kPlaceTable.of[(n + 7) / 8]) {}
  /// From such an offset, of a table of the caller's.
  CAIRN_INLINE static RawBin at(uintptr_t place) {
    RawBin bin(0);
    bin.Place = place;
    return bin;
  }
  CAIRN_INLINE uintptr_t index() const { return Place / sizeof(SlotStack); }
  CAIRN_INLINE SlotStack *in(Bins *bins) const {
    return reinterpret_cast<SlotStack *>(reinterpret_cast<char *>(bins->stacks) + Place);
  }
  uintptr_t Place;
};

/// Takes a slot, or null when the stack has none.
CAIRN_FAST void *pop(SlotStack *stack) {
  void **top = stack->top;
  void *p = *top;
  if (CAIRN_LIKELY(p != nullptr))
    stack->top = top - 1;
  return p;
}
CAIRN_FAST void *pop(Bins *bins, uintptr_t bin) { return pop(&bins->stacks[bin]); }
CAIRN_FAST void *pop(Bins *bins, RawBin bin) { return pop(bin.in(bins)); }

/// Counts one local free. Another thread reads the credit to learn that no slot is
/// live, and may then have the slab: the push must be visible before. On x86 every
/// store is.
CAIRN_FAST intptr_t spend(Slab *slab) {
#if defined(__x86_64__) && !CAIRN_TSAN
  __atomic_signal_fence(__ATOMIC_RELEASE); // the compiler keeps that order
  return --slab->credit;
#else
  intptr_t credit = __atomic_load_n(&slab->credit, __ATOMIC_RELAXED) - 1;
  __atomic_store_n(&slab->credit, credit, __ATOMIC_RELEASE);
  return credit;
#endif
}

/// Puts a slot on a stack; false if there is no room.
CAIRN_FAST bool put(SlotStack *stack, void *link) {
  void **top = stack->top + 1;
  if (CAIRN_UNLIKELY(top == stack->limit))
    return false;
  *top = link;
  __atomic_signal_fence(__ATOMIC_RELEASE); // a fork may find the stack at any point
  stack->top = top;
  return true;
}

/// Puts a slot of a slab of ours where the next allocation finds it: on the stack, which
/// touches neither the slot nor the slab, or else on the slab's list.
CAIRN_FAST void stow(Slab *slab, SlotStack *stack, void *link) {
  if (CAIRN_LIKELY(put(stack, link)))
    return;
  *static_cast<void **>(link) = slab->free;
  slab->free = link;
  if (CAIRN_UNLIKELY(spend(slab) == 0))
    cairn_rt_credit(slab);
}

/// Gives back the slot whose link lies at \p link; false when that is for the
/// cold path to do.
CAIRN_FAST bool push(void *link, Kind kind) {
  Slab *slab = slabOf(link);
  if (CAIRN_UNLIKELY(__atomic_load_n(&slab->owner, __ATOMIC_RELAXED) != self() + kind))
    return false;
  stow(slab, slab->stack, link);
  return true;
}

/// The same of a slot whose bin the caller knows, or believes to: false if it is wrong.
CAIRN_FAST bool pushTo(Bins *bins, RawBin bin, void *link) {
  Slab *slab = slabOf(link);
  if (CAIRN_UNLIKELY(__atomic_load_n(&slab->stack, __ATOMIC_RELAXED) != bin.in(bins)))
    return false;
  stow(slab, bin.in(bins), link);
  return true;
}

} // namespace fast
} // namespace cairn
#endif

namespace cairn {
namespace fast {

CAIRN_FAST int32_t *countOf(void *ref) { return static_cast<int32_t *>(ref) - 2; }
CAIRN_FAST uint32_t *metaOf(void *ref) { return static_cast<uint32_t *>(ref) - 1; }

CAIRN_FAST void setHeader(void *ref, uint32_t meta) {
  *(static_cast<uint64_t *>(ref) - 1) = uint64_t(meta) << 32 | 1;
}

/// Whether a word that may be a reference is an integer of the frontend's.
CAIRN_FAST bool isImmediate(const void *word) {
  return CAIRN_UNLIKELY(reinterpret_cast<uintptr_t>(word) & 1);
}

CAIRN_FAST void incref(void *ref) {
  int32_t n = static_cast<int32_t>(
      static_cast<uint32_t>(__atomic_load_n(countOf(ref), __ATOMIC_RELAXED)) + 1u);
  if (CAIRN_LIKELY(n > 1))
    __atomic_store_n(countOf(ref), n, __ATOMIC_RELAXED);
  else // dead, shared, sticky, immortal, or about to overflow
    cairn_rt_incref(ref);
}

/// Takes one count from an object whose count word was read as n.
CAIRN_FAST void release(void *ref, int32_t n) {
  if (CAIRN_LIKELY(n > 1))
    __atomic_store_n(countOf(ref), n - 1, __ATOMIC_RELAXED);
  else // the last owner, dead, shared, sticky or immortal
    cairn_rt_decref(ref);
}

CAIRN_FAST void decref(void *ref) { release(ref, __atomic_load_n(countOf(ref), __ATOMIC_RELAXED)); }

CAIRN_FAST bool isUnique(void *ref) {
  int32_t n = __atomic_load_n(countOf(ref), __ATOMIC_RELAXED);
  return n == 1 || (CAIRN_UNLIKELY(n < 0) && cairn_rt_is_unique(ref));
}

} // namespace fast
} // namespace cairn

#endif // CAIRN_FAST_FAST_H

//===- fast.cpp - The bitcode that the lowering pass links in -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function per expansion. The pass calls them with constants where it can
// (a bin, a meta word) and inlines the call, which folds them. It takes their
// types from this module, never from a list of its own.
//
// `heap` is null for the thread binding, and is only handed on to slow paths.
//
//===----------------------------------------------------------------------===//

#include "fast/fast.h"

using namespace cairn;

extern "C" {

/// Of use in fast/checked.cpp.
void cairn_fast_at() {}

Bins *cairn_fast_bins() { return fast::bins(); }
Bins *cairn_fast_bins_of(void *heap) { return fast::binsOf(heap); }

/// A raw block of a constant size class; null when the heap is full.
void *cairn_fast_malloc(Bins *bins, uintptr_t bin, void *heap) {
  void *p = fast::pop(bins, bin);
  return CAIRN_LIKELY(p != nullptr) ? p : cairn_rt_take_slot(bin, heap);
}

/// A raw block of n bytes.
void *cairn_fast_malloc_n(Bins *bins, uint64_t n, void *heap) {
  if (CAIRN_UNLIKELY(n > kMaxSmall))
    return cairn_rt_malloc_large(n, heap);
  fast::RawBin bin(n);
  void *p = fast::pop(bins, bin);
  return CAIRN_LIKELY(p != nullptr) ? p : cairn_rt_take_slot(bin.index(), heap);
}

/// A plain object with its header written, owned once by the caller. `bin` is an
/// object bin.
void *cairn_fast_alloc(Bins *bins, uintptr_t bin, uint32_t meta, void *heap) {
  void *ref = fast::pop(bins, bin);
  if (CAIRN_UNLIKELY(ref == nullptr))
    ref = cairn_rt_take_slot_or_fail(bin, heap);
  fast::setHeader(ref, meta);
  return ref;
}

/// The same, null when the heap is full.
void *cairn_fast_try_alloc(Bins *bins, uintptr_t bin, uint32_t meta, void *heap) {
  void *ref = fast::pop(bins, bin);
  if (CAIRN_UNLIKELY(ref == nullptr)) {
    ref = cairn_rt_take_slot(bin, heap);
    if (!ref)
      return nullptr;
  }
  fast::setHeader(ref, meta);
  return ref;
}

/// An object whose descriptor says nothing at compile time, or that is large. `tag`
/// lies where the header word has it.
void *cairn_fast_alloc_type(const cairn_type *type, uint32_t tag, void *heap) {
  void *ref = cairn_rt_alloc_type(type, heap);
  if (ref && tag)
    *fast::metaOf(ref) |= tag;
  return ref;
}
void *cairn_fast_try_alloc_type(const cairn_type *type, uint32_t tag, void *heap) {
  void *ref = cairn_rt_try_alloc_type(type, heap);
  if (ref && tag)
    *fast::metaOf(ref) |= tag;
  return ref;
}

/// An object whose class is constant, and whose header word the runtime writes into
/// the descriptor when it first sees it.
void *cairn_fast_alloc_late(Bins *bins, uintptr_t bin, const cairn_type *type, uint32_t tag,
                            void *heap) {
  uint32_t meta = __atomic_load_n(fast::typeMeta(type), __ATOMIC_ACQUIRE);
  if (CAIRN_UNLIKELY(meta == 0))
    return cairn_fast_alloc_type(type, tag, heap);
  return cairn_fast_alloc(bins, bin, meta | tag, heap);
}
void *cairn_fast_try_alloc_late(Bins *bins, uintptr_t bin, const cairn_type *type, uint32_t tag,
                                void *heap) {
  uint32_t meta = __atomic_load_n(fast::typeMeta(type), __ATOMIC_ACQUIRE);
  if (CAIRN_UNLIKELY(meta == 0))
    return cairn_fast_try_alloc_type(type, tag, heap);
  return cairn_fast_try_alloc(bins, bin, meta | tag, heap);
}

void *cairn_fast_alloc_bytes(uint64_t n, void *heap) { return cairn_rt_alloc_bytes(n, heap); }
void *cairn_fast_try_alloc_bytes(uint64_t n, void *heap) {
  return cairn_rt_try_alloc_bytes(n, heap);
}
void *cairn_fast_alloc_array(const cairn_type *type, uint64_t n, void *heap) {
  return cairn_rt_alloc_array(type, n, heap);
}
void *cairn_fast_try_alloc_array(const cairn_type *type, uint64_t n, void *heap) {
  return cairn_rt_try_alloc_array(type, n, heap);
}

/// Null has no slab, so it takes the cold path, which does nothing.
void cairn_fast_free(void *p) {
  if (CAIRN_UNLIKELY(!fast::push(p, kRaw)))
    cairn_rt_free(p);
}
void cairn_fast_free_sized(void *p, uint64_t size) {
  if (CAIRN_UNLIKELY(size > kMaxSmall || !fast::pushTo(fast::bins(), fast::RawBin(size), p)))
    cairn_rt_free_sized(p, size);
}

#if !defined(__wasm__) // whose frees look at one byte
/// A raw block, or null, that this function took from this bin of the thread's: nobody
/// else's, so its slab is not looked at. Where the heap gave it in another way, the bin has
/// no stack.
void cairn_fast_free_own(Bins *bins, uintptr_t bin, void *p) {
  if (p && CAIRN_UNLIKELY(!fast::put(&bins->stacks[bin], p)))
    cairn_rt_free_own(p);
}
#endif

void cairn_fast_incref_nonnull(void *ref) { fast::incref(ref); }
void cairn_fast_decref_nonnull(void *ref) { fast::decref(ref); }
void cairn_fast_incref(void *ref) {
  if (ref)
    fast::incref(ref);
}
void cairn_fast_decref(void *ref) {
  if (ref)
    fast::decref(ref);
}

/// The same where an odd word may be an immediate: a small integer of the frontend's, which
/// nobody counts.
void cairn_fast_incref_word_nonnull(void *word) {
  if (!fast::isImmediate(word))
    fast::incref(word);
}
void cairn_fast_decref_word_nonnull(void *word) {
  if (!fast::isImmediate(word))
    fast::decref(word);
}
void cairn_fast_incref_word(void *word) {
  if (word && !fast::isImmediate(word))
    fast::incref(word);
}
void cairn_fast_decref_word(void *word) {
  if (word && !fast::isImmediate(word))
    fast::decref(word);
}
bool cairn_fast_is_unique_word(void *word) {
  return !fast::isImmediate(word) && fast::isUnique(word);
}
void cairn_fast_share_word(void *word) {
  if (!fast::isImmediate(word))
    cairn_rt_share(word);
}

/// decref of a plain object whose descriptor is known to have no managed field
/// and no finaliser: its drop is one push.
void cairn_fast_decref_leaf(void *ref) {
  int32_t n = __atomic_load_n(fast::countOf(ref), __ATOMIC_RELAXED);
  if (CAIRN_LIKELY(n == 1)) {
    __atomic_store_n(fast::countOf(ref), 0, __ATOMIC_RELAXED);
    if (CAIRN_LIKELY(fast::push(ref, kObject)))
      return;
    __atomic_store_n(fast::countOf(ref), n, __ATOMIC_RELAXED);
  }
  fast::release(ref, n);
}

#if !defined(__wasm__)
/// The same where this function took the object from this bin of the thread's.
void cairn_fast_decref_leaf_own(Bins *bins, uintptr_t bin, void *ref) {
  int32_t n = __atomic_load_n(fast::countOf(ref), __ATOMIC_RELAXED);
  if (CAIRN_LIKELY(n == 1)) {
    __atomic_store_n(fast::countOf(ref), 0, __ATOMIC_RELAXED);
    if (CAIRN_LIKELY(fast::put(&bins->stacks[bin], ref)))
      return;
    __atomic_store_n(fast::countOf(ref), n, __ATOMIC_RELAXED);
  }
  fast::release(ref, n);
}
#endif

/// Gives back the slot of a plain object whose count is 1, and whose fields the caller has
/// read. False, and nothing is done, where that is for the runtime to do.
bool cairn_fast_give_back(void *ref) {
  __atomic_store_n(fast::countOf(ref), 0, __ATOMIC_RELAXED);
  if (CAIRN_LIKELY(fast::push(ref, kObject)))
    return true;
  __atomic_store_n(fast::countOf(ref), 1, __ATOMIC_RELAXED);
  return false;
}

/// Whether the object has one count, not shared, and in the bits of `mask` this header word.
bool cairn_fast_is_last(void *ref, uint32_t meta, uint32_t mask) {
  uint64_t word = __atomic_load_n(static_cast<uint64_t *>(ref) - 1, __ATOMIC_RELAXED);
  return (word & (uint64_t(mask) << 32 | 0xffffffffu)) == (uint64_t(meta & mask) << 32 | 1);
}

/// The memory of `ref`, whose count the caller gives away: the object's own if that was the last
/// one and the header word is this, but for the tag, and that of a copy otherwise.
void *cairn_fast_own_cell(void *ref, uint32_t meta) {
  if (CAIRN_LIKELY(cairn_fast_is_last(ref, meta, ~kMetaTagMask)))
    return ref;
  return cairn_rt_own_cell(ref, meta);
}

/// The same of an object with this tag; a copy gets it.
void *cairn_fast_own_tagged_cell(void *ref, uint32_t meta) {
  if (CAIRN_LIKELY(cairn_fast_is_last(ref, meta, ~0u)))
    return ref;
  void *cell = cairn_rt_own_cell(ref, meta);
  *fast::metaOf(cell) = meta;
  return cell;
}

#if !defined(__wasm__)
bool cairn_fast_is_on(void *ref, void *heap) { return fast::isOn(ref, heap); }

/// The same as the two above, but the cell lies on this heap: an object of another heap is copied.
void *cairn_fast_own_cell_on(void *ref, uint32_t meta, void *heap) {
  if (CAIRN_LIKELY(cairn_fast_is_last(ref, meta, ~kMetaTagMask)) &&
      CAIRN_LIKELY(fast::isOn(ref, heap)))
    return ref;
  return cairn_rt_own_cell_on(ref, meta, heap);
}
void *cairn_fast_own_tagged_cell_on(void *ref, uint32_t meta, void *heap) {
  if (CAIRN_LIKELY(cairn_fast_is_last(ref, meta, ~0u)) && CAIRN_LIKELY(fast::isOn(ref, heap)))
    return ref;
  void *cell = cairn_rt_own_cell_on(ref, meta, heap);
  *fast::metaOf(cell) = meta;
  return cell;
}
#endif

/// Gives back a cell: the memory of an object whose count is 1 and whose fields were taken.
void cairn_fast_free_cell(void *cell) {
  if (!cell || CAIRN_LIKELY(cairn_fast_give_back(cell)))
    return;
  *fast::metaOf(cell) &= ~kMetaShapeMask; // it has no fields
  cairn_rt_decref(cell);
}

#if !defined(__wasm__)
void cairn_fast_count_operation(CountedFunction *function, uint32_t kind, void *ref) {
  cairn_rt_count_operation(function, kind, ref);
}
#endif

void cairn_fast_share(void *ref) { cairn_rt_share(ref); }
/// Before `value` is stored into a field of `holder`: what a shared object holds is shared.
void cairn_fast_share_into(void *holder, void *value) {
  if (CAIRN_UNLIKELY(__atomic_load_n(fast::countOf(holder), __ATOMIC_RELAXED) < 0))
    cairn_rt_share_into(holder, value);
}
void cairn_fast_copy_fields(void *object, void *to, const void *from, uint64_t n) {
  cairn_rt_copy_fields(object, to, from, n);
}
void cairn_fast_read_fields(void *object, const void *from, void *to, uint64_t n) {
  cairn_rt_read_fields(object, from, to, n);
}
void cairn_fast_fill_fields(void *object, void *to, uint8_t byte, uint64_t n) {
  cairn_rt_fill_fields(object, to, byte, n);
}
bool cairn_fast_is_unique(void *ref) { return fast::isUnique(ref); }
/// Only checked programs ask.
void cairn_fast_assert_unique(void *) {}

/// The frontend's tag; 0 for bytes, which have none.
uint8_t cairn_fast_tag(void *ref) {
  uint32_t meta = *fast::metaOf(ref);
  return meta & kMetaTyped ? uint8_t(meta >> kMetaTagShift) : 0;
}
void cairn_fast_set_tag(void *ref, uint8_t tag) {
  uint32_t *meta = fast::metaOf(ref);
  if (CAIRN_LIKELY(*meta & kMetaTyped))
    *meta = (*meta & ~kMetaTagMask) | uint32_t(tag) << kMetaTagShift;
}

} // extern "C"

//===- intrinsics.cpp - The intrinsics as ordinary functions -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module that no pass has lowered still links and runs: each intrinsic is a
// symbol of its own name here. See docs/intrinsics.md.
//
//===----------------------------------------------------------------------===//

#include "cairn.h"
#include "fast/fast.h"
#include "object/object.h"

#define INTRINSIC(name) __asm__("cairn." name) __attribute__((visibility("default")))

extern "C" {

void *intrinsicAlloc(const cairn_type *type) INTRINSIC("alloc");
void *intrinsicAllocTagged(const cairn_type *type, uint8_t tag) INTRINSIC("alloc.tagged");
void *intrinsicAllocBytes(uint64_t n) INTRINSIC("alloc.bytes");
void *intrinsicAllocArray(const cairn_type *type, uint64_t n) INTRINSIC("alloc.array");
void *intrinsicTryAlloc(const cairn_type *type) INTRINSIC("try.alloc");
void *intrinsicTryAllocBytes(uint64_t n) INTRINSIC("try.alloc.bytes");
void *intrinsicTryAllocArray(const cairn_type *type, uint64_t n) INTRINSIC("try.alloc.array");
void intrinsicIncref(void *ref) INTRINSIC("incref");
void intrinsicDecref(void *ref) INTRINSIC("decref");
bool intrinsicIsUnique(void *ref) INTRINSIC("is.unique");
void intrinsicAssertUnique(void *ref) INTRINSIC("assert.unique");
void intrinsicShare(void *ref) INTRINSIC("share");
uint64_t intrinsicLength(const void *ref) INTRINSIC("length");
int64_t intrinsicRefcount(const void *ref) INTRINSIC("refcount");
void intrinsicShareInto(void *holder, void *value) INTRINSIC("share.into");
void intrinsicCopyFields(void *object, void *to, const void *from, uint64_t n)
    INTRINSIC("copy.fields");
void intrinsicReadFields(void *object, const void *from, void *to, uint64_t n)
    INTRINSIC("read.fields");
void intrinsicFillFields(void *object, void *to, uint8_t byte, uint64_t n) INTRINSIC("fill.fields");
bool intrinsicIsLast(void *ref, uint32_t meta, uint32_t mask) INTRINSIC("is.last");
void *intrinsicTakeCell(void *ref, uint32_t meta) INTRINSIC("take.cell");
void *intrinsicOwnCell(void *ref, uint32_t meta) INTRINSIC("own.cell");
void *intrinsicOwnTaggedCell(void *ref, uint32_t meta) INTRINSIC("own.tagged.cell");
#if !defined(__wasm__)
bool intrinsicIsOn(void *ref, void *heap) INTRINSIC("is.on");
void *intrinsicOwnCellOn(void *ref, uint32_t meta, void *heap) INTRINSIC("own.cell.on");
void *intrinsicOwnTaggedCellOn(void *ref, uint32_t meta, void *heap)
    INTRINSIC("own.tagged.cell.on");
#endif
void intrinsicFreeCell(void *cell) INTRINSIC("free.cell");
void *intrinsicReuseCell(void *cell, uint32_t meta, uint32_t becomes, uint32_t kept, bool same)
    INTRINSIC("reuse.cell");
void *intrinsicMalloc(uint64_t n) INTRINSIC("malloc");
void intrinsicFree(void *p) INTRINSIC("free");
void intrinsicFreeSized(void *p, uint64_t n) INTRINSIC("free.sized");
uint8_t intrinsicTag(void *ref) INTRINSIC("tag");
void intrinsicSetTag(void *ref, uint8_t tag) INTRINSIC("set.tag");

void *heapAlloc(void *heap, const cairn_type *type) INTRINSIC("heap.alloc");
void *heapAllocTagged(void *heap, const cairn_type *type, uint8_t tag)
    INTRINSIC("heap.alloc.tagged");
void *heapAllocBytes(void *heap, uint64_t n) INTRINSIC("heap.alloc.bytes");
void *heapAllocArray(void *heap, const cairn_type *type, uint64_t n) INTRINSIC("heap.alloc.array");
void *heapTryAlloc(void *heap, const cairn_type *type) INTRINSIC("heap.try.alloc");
void *heapTryAllocBytes(void *heap, uint64_t n) INTRINSIC("heap.try.alloc.bytes");
void *heapTryAllocArray(void *heap, const cairn_type *type, uint64_t n)
    INTRINSIC("heap.try.alloc.array");
void *heapMalloc(void *heap, uint64_t n) INTRINSIC("heap.malloc");

void *intrinsicAlloc(const cairn_type *type) { return cairn_alloc(type); }
void *intrinsicAllocTagged(const cairn_type *type, uint8_t tag) {
  return cairn_alloc_tagged(type, tag);
}
void *intrinsicAllocBytes(uint64_t n) { return cairn::newBytes(n, nullptr); }
void *intrinsicAllocArray(const cairn_type *type, uint64_t n) {
  return cairn::newArray(type, n, nullptr);
}
void *intrinsicTryAlloc(const cairn_type *type) { return cairn_try_alloc(type); }
void *intrinsicTryAllocBytes(uint64_t n) { return cairn_rt_try_alloc_bytes(n, nullptr); }
void *intrinsicTryAllocArray(const cairn_type *type, uint64_t n) {
  return cairn_rt_try_alloc_array(type, n, nullptr);
}
void intrinsicIncref(void *ref) { cairn_incref(ref); }
void intrinsicDecref(void *ref) { cairn_decref(ref); }
bool intrinsicIsUnique(void *ref) { return cairn_is_unique(ref); }
void intrinsicAssertUnique(void *ref) { cairn_assert_unique(ref); }
void intrinsicShare(void *ref) { cairn_share(ref); }
uint64_t intrinsicLength(const void *ref) { return cairn_length(ref); }
int64_t intrinsicRefcount(const void *ref) { return cairn_refcount(ref); }
void intrinsicShareInto(void *holder, void *value) {
  if (__atomic_load_n(cairn::fast::countOf(holder), __ATOMIC_RELAXED) < 0)
    cairn_rt_share_into(holder, value);
}
void intrinsicCopyFields(void *object, void *to, const void *from, uint64_t n) {
  cairn_rt_copy_fields(object, to, from, n);
}
void intrinsicReadFields(void *object, const void *from, void *to, uint64_t n) {
  cairn_rt_read_fields(object, from, to, n);
}
void intrinsicFillFields(void *object, void *to, uint8_t byte, uint64_t n) {
  cairn_rt_fill_fields(object, to, byte, n);
}
bool intrinsicIsLast(void *ref, uint32_t meta, uint32_t mask) {
  return __atomic_load_n(cairn::fast::countOf(ref), __ATOMIC_RELAXED) == 1 &&
         ((*cairn::fast::metaOf(ref) ^ meta) & mask) == 0;
}
void *intrinsicTakeCell(void *ref, uint32_t) { return ref; }
void *intrinsicOwnCell(void *ref, uint32_t meta) {
  return intrinsicIsLast(ref, meta, ~cairn::kMetaTagMask) ? ref : cairn_rt_own_cell(ref, meta);
}
void *intrinsicOwnTaggedCell(void *ref, uint32_t meta) {
  if (intrinsicIsLast(ref, meta, ~0u))
    return ref;
  void *cell = cairn_rt_own_cell(ref, meta);
  *cairn::fast::metaOf(cell) = meta;
  return cell;
}
#if !defined(__wasm__)
bool intrinsicIsOn(void *ref, void *heap) { return cairn::fast::isOn(ref, heap); }
void *intrinsicOwnCellOn(void *ref, uint32_t meta, void *heap) {
  return intrinsicIsLast(ref, meta, ~cairn::kMetaTagMask) && cairn::fast::isOn(ref, heap)
             ? ref
             : cairn_rt_own_cell_on(ref, meta, heap);
}
void *intrinsicOwnTaggedCellOn(void *ref, uint32_t meta, void *heap) {
  if (intrinsicIsLast(ref, meta, ~0u) && cairn::fast::isOn(ref, heap))
    return ref;
  void *cell = cairn_rt_own_cell_on(ref, meta, heap);
  *cairn::fast::metaOf(cell) = meta;
  return cell;
}
#endif
void intrinsicFreeCell(void *cell) {
  if (!cell)
    return;
  *cairn::fast::metaOf(cell) &= ~cairn::kMetaShapeMask; // it has no fields
  cairn_decref(cell);
}
void *intrinsicReuseCell(void *cell, uint32_t, uint32_t becomes, uint32_t, bool) {
  *cairn::fast::metaOf(cell) = becomes;
  return cell;
}
void *intrinsicMalloc(uint64_t n) { return n > SIZE_MAX ? nullptr : cairn_malloc(size_t(n)); }
void intrinsicFree(void *p) { cairn_free(p); }
void intrinsicFreeSized(void *p, uint64_t n) { cairn_free_sized(p, size_t(n)); }
uint8_t intrinsicTag(void *ref) { return cairn_tag(ref); }
void intrinsicSetTag(void *ref, uint8_t tag) { cairn_set_tag(ref, tag); }

void *heapAlloc(void *heap, const cairn_type *type) { return cairn::newTyped(type, heap); }
void *heapAllocTagged(void *heap, const cairn_type *type, uint8_t tag) {
  void *ref = cairn::newTyped(type, heap);
  if (ref)
    cairn_set_tag(ref, tag);
  return ref;
}
void *heapAllocBytes(void *heap, uint64_t n) { return cairn::newBytes(n, heap); }
void *heapAllocArray(void *heap, const cairn_type *type, uint64_t n) {
  return cairn::newArray(type, n, heap);
}
void *heapTryAlloc(void *heap, const cairn_type *type) {
  return cairn_rt_try_alloc_type(type, heap);
}
void *heapTryAllocBytes(void *heap, uint64_t n) { return cairn_rt_try_alloc_bytes(n, heap); }
void *heapTryAllocArray(void *heap, const cairn_type *type, uint64_t n) {
  return cairn_rt_try_alloc_array(type, n, heap);
}
void *heapMalloc(void *heap, uint64_t n) {
  return n > SIZE_MAX ? nullptr : cairn_heap_malloc(static_cast<cairn_heap *>(heap), size_t(n));
}

} // extern "C"

//===- checked.cpp - The bitcode of programs that are built with --heap=checked -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of fast.cpp, each with one parameter more: the place of the call. None of them
// is a fast path; all they do is call the runtime, which looks at everything it is given.
//
//===----------------------------------------------------------------------===//

#include "fast/fast.h"

using namespace cairn;

extern "C" {

/// A call of another function of the library follows; null: it has returned.
void cairn_fast_at(CheckSite *site) { cairn_rt_check_at(site); }

Bins *cairn_fast_bins(CheckSite *) { return nullptr; }
Bins *cairn_fast_bins_of(void *, CheckSite *) { return nullptr; }

void *cairn_fast_malloc(Bins *, uintptr_t bin, void *heap, CheckSite *site) {
  return cairn_rt_check_malloc(sizeOfClass(unsigned(bin) % kClasses), heap, site);
}
void *cairn_fast_malloc_n(Bins *, uint64_t n, void *heap, CheckSite *site) {
  return cairn_rt_check_malloc(n, heap, site);
}
void *cairn_fast_alloc(Bins *, uintptr_t bin, uint32_t meta, void *heap, CheckSite *site) {
  return cairn_rt_check_take(bin, meta, heap, site);
}
void *cairn_fast_try_alloc(Bins *, uintptr_t bin, uint32_t meta, void *heap, CheckSite *site) {
  return cairn_rt_check_try_take(bin, meta, heap, site);
}
void *cairn_fast_alloc_type(const cairn_type *type, uint32_t tag, void *heap, CheckSite *site) {
  return cairn_rt_check_alloc(type, tag, heap, site);
}
void *cairn_fast_try_alloc_type(const cairn_type *type, uint32_t tag, void *heap, CheckSite *site) {
  return cairn_rt_check_try_alloc(type, tag, heap, site);
}
void *cairn_fast_alloc_late(Bins *, uintptr_t, const cairn_type *type, uint32_t tag, void *heap,
                            CheckSite *site) {
  return cairn_rt_check_alloc(type, tag, heap, site);
}
void *cairn_fast_try_alloc_late(Bins *, uintptr_t, const cairn_type *type, uint32_t tag, void *heap,
                                CheckSite *site) {
  return cairn_rt_check_try_alloc(type, tag, heap, site);
}
void *cairn_fast_alloc_bytes(uint64_t n, void *heap, CheckSite *site) {
  return cairn_rt_check_alloc_bytes(n, heap, site);
}
void *cairn_fast_try_alloc_bytes(uint64_t n, void *heap, CheckSite *site) {
  return cairn_rt_check_try_alloc_bytes(n, heap, site);
}
void *cairn_fast_alloc_array(const cairn_type *type, uint64_t n, void *heap, CheckSite *site) {
  return cairn_rt_check_alloc_array(type, n, heap, site);
}
void *cairn_fast_try_alloc_array(const cairn_type *type, uint64_t n, void *heap, CheckSite *site) {
  return cairn_rt_check_try_alloc_array(type, n, heap, site);
}

void cairn_fast_free(void *p, CheckSite *site) { cairn_rt_check_free(p, site); }
void cairn_fast_free_sized(void *p, uint64_t size, CheckSite *site) {
  cairn_rt_check_free_sized(p, size, site);
}
void cairn_fast_free_own(Bins *, uintptr_t, void *p, CheckSite *site) {
  cairn_rt_check_free(p, site);
}

void cairn_fast_incref_nonnull(void *ref, CheckSite *site) { cairn_rt_check_incref(ref, site); }
void cairn_fast_decref_nonnull(void *ref, CheckSite *site) { cairn_rt_check_decref(ref, site); }
void cairn_fast_incref(void *ref, CheckSite *site) { cairn_rt_check_incref(ref, site); }
void cairn_fast_decref(void *ref, CheckSite *site) { cairn_rt_check_decref(ref, site); }
void cairn_fast_decref_leaf(void *ref, CheckSite *site) { cairn_rt_check_decref(ref, site); }
void cairn_fast_decref_leaf_own(Bins *, uintptr_t, void *ref, CheckSite *site) {
  cairn_rt_check_decref(ref, site);
}

void cairn_fast_incref_word_nonnull(void *word, CheckSite *site) {
  if (!fast::isImmediate(word))
    cairn_rt_check_incref(word, site);
}
void cairn_fast_decref_word_nonnull(void *word, CheckSite *site) {
  if (!fast::isImmediate(word))
    cairn_rt_check_decref(word, site);
}
void cairn_fast_incref_word(void *word, CheckSite *site) {
  if (!fast::isImmediate(word))
    cairn_rt_check_incref(word, site);
}
void cairn_fast_decref_word(void *word, CheckSite *site) {
  if (!fast::isImmediate(word))
    cairn_rt_check_decref(word, site);
}
bool cairn_fast_is_unique_word(void *word, CheckSite *site) {
  return !fast::isImmediate(word) && cairn_rt_check_is_unique(word, site);
}
void cairn_fast_share_word(void *word, CheckSite *site) {
  if (!fast::isImmediate(word))
    cairn_rt_check_share(word, site);
}
bool cairn_fast_is_unique(void *ref, CheckSite *site) {
  return cairn_rt_check_is_unique(ref, site);
}
void cairn_fast_assert_unique(void *ref, CheckSite *site) {
  cairn_rt_check_assert_unique(ref, site);
}

/// The count, the header word and the fields are the caller's to look at: the object lives.
bool cairn_fast_give_back(void *, CheckSite *) { return false; }
bool cairn_fast_is_last(void *ref, uint32_t meta, uint32_t mask, CheckSite *site) {
  return cairn_rt_check_is_unique(ref, site) && *fast::countOf(ref) == 1 &&
         ((*fast::metaOf(ref) ^ meta) & mask) == 0;
}
void *cairn_fast_own_cell(void *ref, uint32_t meta, CheckSite *site) {
  if (cairn_fast_is_last(ref, meta, ~kMetaTagMask, site))
    return ref;
  cairn_rt_check_at(site);
  void *cell = cairn_rt_own_cell(ref, meta);
  cairn_rt_check_at(nullptr);
  return cell;
}
void *cairn_fast_own_tagged_cell(void *ref, uint32_t meta, CheckSite *site) {
  if (cairn_fast_is_last(ref, meta, ~0u, site))
    return ref;
  cairn_rt_check_at(site);
  void *cell = cairn_rt_own_cell(ref, meta);
  *fast::metaOf(cell) = meta;
  cairn_rt_check_at(nullptr);
  return cell;
}
#if !defined(__wasm__)
bool cairn_fast_is_on(void *ref, void *heap, CheckSite *) { return fast::isOn(ref, heap); }
void *cairn_fast_own_cell_on(void *ref, uint32_t meta, void *heap, CheckSite *site) {
  if (cairn_fast_is_last(ref, meta, ~kMetaTagMask, site) && fast::isOn(ref, heap))
    return ref;
  cairn_rt_check_at(site);
  void *cell = cairn_rt_own_cell_on(ref, meta, heap);
  cairn_rt_check_at(nullptr);
  return cell;
}
void *cairn_fast_own_tagged_cell_on(void *ref, uint32_t meta, void *heap, CheckSite *site) {
  if (cairn_fast_is_last(ref, meta, ~0u, site) && fast::isOn(ref, heap))
    return ref;
  cairn_rt_check_at(site);
  void *cell = cairn_rt_own_cell_on(ref, meta, heap);
  *fast::metaOf(cell) = meta;
  cairn_rt_check_at(nullptr);
  return cell;
}
#endif
void cairn_fast_free_cell(void *cell, CheckSite *site) {
  if (!cell)
    return;
  *fast::metaOf(cell) &= ~kMetaShapeMask; // it has no fields
  cairn_rt_check_decref(cell, site);
}

void cairn_fast_count_operation(CountedFunction *function, uint32_t kind, void *ref, CheckSite *) {
  cairn_rt_count_operation(function, kind, ref);
}

void cairn_fast_share(void *ref, CheckSite *site) { cairn_rt_check_share(ref, site); }
void cairn_fast_share_into(void *holder, void *value, CheckSite *site) {
  cairn_rt_check_store(holder, value, site);
}
void cairn_fast_copy_fields(void *object, void *to, const void *from, uint64_t n, CheckSite *site) {
  cairn_rt_check_at(site);
  cairn_rt_copy_fields(object, to, from, n);
  cairn_rt_check_at(nullptr);
}
void cairn_fast_read_fields(void *object, const void *from, void *to, uint64_t n, CheckSite *site) {
  cairn_rt_check_at(site);
  cairn_rt_read_fields(object, from, to, n);
  cairn_rt_check_at(nullptr);
}
void cairn_fast_fill_fields(void *object, void *to, uint8_t byte, uint64_t n, CheckSite *site) {
  cairn_rt_check_at(site);
  cairn_rt_fill_fields(object, to, byte, n);
  cairn_rt_check_at(nullptr);
}

uint8_t cairn_fast_tag(void *ref, CheckSite *site) { return cairn_rt_check_tag(ref, site); }
void cairn_fast_set_tag(void *ref, uint8_t tag, CheckSite *site) {
  cairn_rt_check_set_tag(ref, tag, site);
}

} // extern "C"

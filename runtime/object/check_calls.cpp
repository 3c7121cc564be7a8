//===- check_calls.cpp - What programs built with --heap=checked call -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "object/check.h"

using namespace cairn;

namespace {

/// Whether an object lives; reports if not. `heap` may be null: a static object.
bool isLive(void *ref, const char *dead) {
  ObjectPlace place = placeOf(ref);
  if (!place.heap)
    return isStatic(ref);
  if (loadCount(ref))
    return true;
  fail(CAIRN_ERROR_DEAD, ref, dead);
  return false;
}

/// An object that lives, as most are that such calls get. False says nothing: isLive() reports.
CAIRN_FAST bool isPlainlyLive(void *ref) {
  PlainObject object;
  return CAIRN_LIKELY(findPlain(ref, object) && loadCount(ref) != 0);
}

/// Where the program has no immediates, an odd address is none.
bool isEven(void *ref) {
  if (CAIRN_LIKELY(!isImmediate(ref)))
    return true;
  fail(CAIRN_ERROR_INTERIOR, ref, "an odd address, and so no object's reference");
  return false;
}

void *withTag(void *ref, uint32_t tag) {
  if (ref && tag)
    *fast::metaOf(ref) |= tag;
  return ref;
}
/// Whether the object gets a run to the byte, as no slot has room for a zone behind it.
bool endsWithType(uintptr_t bin, const CheckSite *site) {
  return site && site->type && hasNoWider(unsigned(bin));
}
void *withMeta(void *link, uint32_t meta) {
  if (link)
    fast::setHeader(link, meta);
  return link;
}

} // namespace

extern "C" {

CAIRN_API void cairn_rt_check_at(CheckSite *site) {
  if (Thread *thread = currentThread())
    thread->note = site ? noteOf(site) : Note();
}

CAIRN_API void *cairn_rt_check_malloc(uint64_t n, void *heap, CheckSite *site) {
  CheckedCall call(site);
  return n > SIZE_MAX ? nullptr : cairn_heap_malloc(static_cast<cairn_heap *>(heap), size_t(n));
}
CAIRN_API void *cairn_rt_check_take(uintptr_t bin, uint32_t meta, void *heap, CheckSite *site) {
  CheckedCall call(site);
  if (endsWithType(bin, site))
    return withMeta(cairn_rt_alloc_type(site->type, heap), meta);
  return withMeta(cairn_rt_take_slot_or_fail(bin, heap), meta);
}
CAIRN_API void *cairn_rt_check_try_take(uintptr_t bin, uint32_t meta, void *heap, CheckSite *site) {
  CheckedCall call(site);
  if (endsWithType(bin, site))
    return withMeta(cairn_rt_try_alloc_type(site->type, heap), meta);
  return withMeta(cairn_rt_take_slot(bin, heap), meta);
}
CAIRN_API void *cairn_rt_check_alloc(const cairn_type *type, uint32_t tag, void *heap,
                                     CheckSite *site) {
  CheckedCall call(site);
  return withTag(cairn_rt_alloc_type(type, heap), tag);
}
CAIRN_API void *cairn_rt_check_try_alloc(const cairn_type *type, uint32_t tag, void *heap,
                                         CheckSite *site) {
  CheckedCall call(site);
  return withTag(cairn_rt_try_alloc_type(type, heap), tag);
}
CAIRN_API void *cairn_rt_check_alloc_bytes(uint64_t n, void *heap, CheckSite *site) {
  CheckedCall call(site);
  return cairn_rt_alloc_bytes(n, heap);
}
CAIRN_API void *cairn_rt_check_try_alloc_bytes(uint64_t n, void *heap, CheckSite *site) {
  CheckedCall call(site);
  return cairn_rt_try_alloc_bytes(n, heap);
}
CAIRN_API void *cairn_rt_check_alloc_array(const cairn_type *element, uint64_t n, void *heap,
                                           CheckSite *site) {
  CheckedCall call(site);
  return cairn_rt_alloc_array(element, n, heap);
}
CAIRN_API void *cairn_rt_check_try_alloc_array(const cairn_type *element, uint64_t n, void *heap,
                                               CheckSite *site) {
  CheckedCall call(site);
  return cairn_rt_try_alloc_array(element, n, heap);
}

CAIRN_API void cairn_rt_check_free(void *p, CheckSite *site) {
  CheckedCall call(site);
  cairn_free(p);
}
CAIRN_API void cairn_rt_check_free_sized(void *p, uint64_t size, CheckSite *site) {
  CheckedCall call(site);
  cairn_free_sized(p, size > SIZE_MAX ? SIZE_MAX : size_t(size));
}

// What is right is found without a note of the place, which only a report needs. The rest is
// out of line, so that the common way saves no registers.

static CAIRN_COLD void increfOther(void *ref, CheckSite *site) {
  if (findStatic(ref))
    return;
  CheckedCall call(site);
  if (isEven(ref))
    checkedIncref(ref);
}
CAIRN_API void cairn_rt_check_incref(void *ref, CheckSite *site) {
  PlainObject object;
  int32_t n = findCount(ref, object);
  if (CAIRN_LIKELY(n > 0 && n != INT32_MAX))
    storeCount(ref, n + 1);
  else if (!isUsualStatic(ref))
    increfOther(ref, site);
}

static CAIRN_COLD void decrefOther(void *ref, CheckSite *site) {
  if (findStatic(ref))
    return;
  CheckedCall call(site);
  if (isEven(ref))
    checkedDecref(ref);
}
CAIRN_API void cairn_rt_check_decref(void *ref, CheckSite *site) {
  PlainObject object;
  int32_t n = findCount(ref, object);
  if (CAIRN_LIKELY(n > 1)) {
    storeCount(ref, n - 1);
  } else if (n == 1) {
    CheckedCall call(site);
    storeCount(ref, 0);
    dropAt(object, ref);
  } else if (!isUsualStatic(ref)) {
    decrefOther(ref, site);
  }
}

static CAIRN_COLD bool isUniqueOther(void *ref, CheckSite *site) {
  if (isPlainlyLive(ref))
    return fast::isUnique(ref);
  if (findStatic(ref))
    return false;
  CheckedCall call(site);
  return isEven(ref) && isLive(ref, "asked for, but its count is 0") && fast::isUnique(ref);
}
CAIRN_API bool cairn_rt_check_is_unique(void *ref, CheckSite *site) {
  PlainObject object;
  int32_t n = findPlain(ref, object) ? loadCount(ref) : 0;
  if (CAIRN_LIKELY(n > 0))
    return n == 1;
  return !isUsualStatic(ref) && isUniqueOther(ref, site);
}
CAIRN_API void cairn_rt_check_assert_unique(void *ref, CheckSite *site) {
  CheckedCall call(site);
  if (isReference(ref))
    checkedAssertUnique(ref);
}
CAIRN_API void cairn_rt_check_share(void *ref, CheckSite *site) {
  CheckedCall call(site);
  if (!ref || !isEven(ref))
    return;
  ObjectPlace place = placeOf(ref);
  if (place.heap && (loadCount(ref) <= 0 || ownedHere(place, ref, "shared")))
    cairn_rt_share(ref);
}
CAIRN_API void cairn_rt_check_store(void *holder, void *value, CheckSite *site) {
  if (isPlainlyLive(holder) && loadCount(holder) > 0 && isPlainlyLive(value))
    return; // neither is shared by that
  CheckedCall call(site);
  if (!isReference(holder) || !isLive(holder, "stored into, but its count is 0"))
    return;
  if (isReference(value) && isLive(value, "stored, but its count is 0"))
    cairn_rt_share_into(holder, value);
}

static uint8_t tagOf(const void *ref) {
  uint32_t meta = loadMeta(ref);
  return isTyped(meta) ? uint8_t(meta >> kMetaTagShift) : 0;
}
static CAIRN_COLD uint8_t tagOther(void *ref, CheckSite *site) {
  if (findStatic(ref))
    return tagOf(ref);
  CheckedCall call(site);
  return isEven(ref) && isLive(ref, "its tag is read, but its count is 0") ? tagOf(ref) : 0;
}
CAIRN_API uint8_t cairn_rt_check_tag(void *ref, CheckSite *site) {
  return isPlainlyLive(ref) || isUsualStatic(ref) ? tagOf(ref) : tagOther(ref, site);
}

static CAIRN_COLD void setTagOther(void *ref, uint8_t tag, CheckSite *site) {
  CheckedCall call(site);
  if (isEven(ref) && isLive(ref, "its tag is set, but its count is 0"))
    cairn_set_tag(ref, tag);
}
CAIRN_API void cairn_rt_check_set_tag(void *ref, uint8_t tag, CheckSite *site) {
  if (isPlainlyLive(ref))
    cairn_set_tag(ref, tag);
  else
    setTagOther(ref, tag, site);
}

} // extern "C"

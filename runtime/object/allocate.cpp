//===- allocate.cpp - Making objects -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "object/object.h"
#include "platform/unwind.h"

namespace cairn {

namespace {

/// A checked heap has no slot that is wider than the widest: what would need one is a run of its
/// own, which ends where the object does.
CAIRN_FAST bool isRunToTheByte([[maybe_unused]] const Heap *heap, [[maybe_unused]] uint64_t bytes) {
#if defined(__wasm__)
  return false;
#else
  return CAIRN_UNLIKELY(heap->checked) && hasNoWider(binOf(kObject, classOf(size_t(bytes))));
#endif
}

/// Memory for an object that needs `bytes` from its slot's start: that start, or
/// null when full. `zero` is set if what follows its first eight bytes reads as zero.
char *slotFor(Heap *heap, uint64_t bytes, bool *zero) {
  *zero = false;
  if (bytes <= kMaxSmall && !isRunToTheByte(heap, bytes)) {
    void *link = allocateSlotAny(heap, binOf(kObject, classOf(size_t(bytes))));
    return link ? static_cast<char *>(link) - linkOffset(kObject) : nullptr;
  }
  // The run's granules are aligned; objects start as in a slab, at 8 modulo 16.
  void *p = allocateLarge(heap, kObject, bytes + slotPhase(kObject), kGranule, zero);
  if (!p)
    return nullptr;
  char *slot = static_cast<char *>(p) + slotPhase(kObject);
  *reinterpret_cast<uint64_t *>(slot) = 0;
  return slot;
}

/// Tries again as long as the heap's handler says so.
char *slotFor(Heap *heap, uint64_t bytes, OnFull onFull, bool *zero = nullptr) {
  bool ignored;
  for (;;) {
    if (heap)
      if (char *slot = slotFor(heap, bytes, zero ? zero : &ignored))
        return slot;
    if (onFull == OnFull::Null)
      return nullptr;
    outOfMemory(heap, bytes);
  }
}

/// A type's header word; 0 if it is malformed, or, for Null, the registry is full.
uint32_t metaFor(const cairn_type *type, bool array, Heap *heap, OnFull onFull) {
  for (;;) {
    bool full = false;
    uint32_t meta = metaOf(type, array, full);
    if (meta || !full || onFull == OnFull::Null)
      return meta;
    outOfMemory(heap, type->size);
  }
}

/// The program has to write the object, but for the fields that refer to others. Like all that is
/// handed out, it was shown as written.
void tellUnwritten(const Heap *heap, void *ref, uint64_t bytes, const cairn_type *type = nullptr) {
  if (CAIRN_LIKELY(!isChecked(heap)))
    return;
  platform::unwritten(ref, size_t(bytes));
  for (uint32_t i = 0; type && i < type->field_count; ++i)
    platform::written(static_cast<char *>(ref) + type->fields[i], sizeof(void *));
}

/// The null fields of a new object. Its header is written.
CAIRN_FAST void clearFields(void *ref, uint32_t meta) {
  if (CAIRN_LIKELY(!isRegistered(meta))) {
    for (uint32_t bits = meta & kMetaShapeMask; bits; bits &= bits - 1)
      static_cast<void **>(ref)[__builtin_ctz(bits)] = nullptr;
    return;
  }
  Fields fields(ref, meta);
  uint64_t at = 0;
  while (void **field = fields.next(at))
    *field = nullptr;
}

/// Of any type that there can be.
CAIRN_NO_INLINE void *allocateAnyType(const cairn_type *type, Heap *heap, OnFull onFull) {
  uint32_t meta = metaFor(type, false, heap, onFull);
  if (!meta)
    return nullptr;
  char *slot = slotFor(heap, objectBytes(type->size, type->align), onFull);
  if (!slot)
    return nullptr;
  void *ref = slot + kHeaderSize;
  fast::setHeader(ref, meta);
  tellUnwritten(heap, ref, type->size, type);
  clearFields(ref, meta);
  return ref;
}

CAIRN_FAST void *allocateType(const cairn_type *type, Heap *heap, OnFull onFull) {
  noteType(type);
#if defined(__wasm__) // where there are few calls of it, the module is to be small
  return allocateAnyType(type, heap, onFull);
#endif
  uint32_t meta = plainMetaOf(type);
  if (CAIRN_UNLIKELY(!meta || !heap))
    return allocateAnyType(type, heap, onFull);
  unsigned cls = ((meta & kMetaClassMask) >> kMetaClassShift) - 1;
  void *ref = allocateSlotAny(heap, binOf(kObject, cls));
  if (CAIRN_UNLIKELY(!ref))
    return allocateAnyType(type, heap, onFull);
  static_assert(linkOffset(kObject) == kHeaderSize);
  fast::setHeader(ref, meta);
  if (platform::tells())
    tellUnwritten(heap, ref, type->size, type);
  clearFields(ref, meta);
  return ref;
}

/// A request that no heap can serve: the handler is asked, but trying again is no use.
void *tooMuch(uint64_t bytes, Heap *heap, OnFull onFull) {
  while (onFull == OnFull::Fail)
    outOfMemory(heap, bytes);
  return nullptr;
}

void *allocateBytes(uint64_t n, Heap *heap, OnFull onFull) {
  noteType(nullptr);
  if (n > kMaxBytes)
    return tooMuch(n, heap, onFull);
  char *slot = slotFor(heap, kHeaderSize + n, onFull);
  if (!slot)
    return nullptr;
  fast::setHeader(slot + kHeaderSize, uint32_t(n));
  tellUnwritten(heap, slot + kHeaderSize, n);
  return slot + kHeaderSize;
}

void *allocateArray(const cairn_type *element, uint64_t n, Heap *heap, OnFull onFull) {
  noteType(element);
  uint32_t meta = metaFor(element, true, heap, onFull);
  if (!meta)
    return nullptr;
  uint64_t bytes = n * element->size; // of two 32-bit numbers, or not looked at
  if (n > UINT32_MAX || bytes > SIZE_MAX / 2)
    return tooMuch(~uint64_t(0), heap, onFull);
  // A slot that is a multiple of 16 long keeps the elements 16-byte aligned.
  bool zero;
  char *slot = slotFor(heap, (kArrayPrefix + bytes + 15) & ~uint64_t(15), onFull, &zero);
  if (!slot)
    return nullptr;
  void *ref = slot + kArrayPrefix;
  reinterpret_cast<uint32_t *>(slot)[0] = 0;
  reinterpret_cast<uint32_t *>(slot)[1] = kArrayMark;
  lengthOf(ref)[0] = lengthOf(ref)[1] = uint32_t(n);
  fast::setHeader(ref, meta);
  if (!element->field_count)
    tellUnwritten(heap, ref, bytes);
  else if (!zero)
    __builtin_memset(ref, 0, size_t(bytes));
  return ref;
}

} // namespace

void *newTyped(const cairn_type *type, void *heap) {
  return allocateType(type, orDefault(heap), OnFull::Fail);
}
void *newBytes(uint64_t n, void *heap) { return allocateBytes(n, orDefault(heap), OnFull::Fail); }
void *newArray(const cairn_type *element, uint64_t n, void *heap) {
  return allocateArray(element, n, orDefault(heap), OnFull::Fail);
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API CAIRN_NO_INLINE void *cairn_rt_alloc_type(const cairn_type *type, void *heap) {
  noteCaller();
  CAIRN_NO_EXCEPTION;
  return keepingFrame(allocateType(type, orDefault(heap), OnFull::Fail));
}
CAIRN_API CAIRN_NO_INLINE void *cairn_rt_try_alloc_type(const cairn_type *type, void *heap) {
  noteCaller();
  CAIRN_NO_EXCEPTION;
  return keepingFrame(allocateType(type, orDefault(heap), OnFull::Null));
}
CAIRN_API CAIRN_NO_INLINE void *cairn_rt_alloc_bytes(uint64_t n, void *heap) {
  noteCaller();
  CAIRN_NO_EXCEPTION;
  return keepingFrame(allocateBytes(n, orDefault(heap), OnFull::Fail));
}
CAIRN_API CAIRN_NO_INLINE void *cairn_rt_try_alloc_bytes(uint64_t n, void *heap) {
  noteCaller();
  CAIRN_NO_EXCEPTION;
  return keepingFrame(allocateBytes(n, orDefault(heap), OnFull::Null));
}
CAIRN_API CAIRN_NO_INLINE void *cairn_rt_alloc_array(const cairn_type *element, uint64_t n,
                                                     void *heap) {
  noteCaller();
  CAIRN_NO_EXCEPTION;
  return keepingFrame(allocateArray(element, n, orDefault(heap), OnFull::Fail));
}
CAIRN_API CAIRN_NO_INLINE void *cairn_rt_try_alloc_array(const cairn_type *element, uint64_t n,
                                                         void *heap) {
  noteCaller();
  CAIRN_NO_EXCEPTION;
  return keepingFrame(allocateArray(element, n, orDefault(heap), OnFull::Null));
}

CAIRN_API void *cairn_alloc(const cairn_type *type) {
  noteCaller();
  return newTyped(type, nullptr);
}
CAIRN_API void *cairn_alloc_tagged(const cairn_type *type, uint8_t tag) {
  noteCaller();
  void *ref = newTyped(type, nullptr);
  if (ref)
    cairn_set_tag(ref, tag);
  return ref;
}
CAIRN_API void *cairn_alloc_bytes(size_t n) {
  noteCaller();
  return newBytes(n, nullptr);
}
CAIRN_API void *cairn_alloc_array(const cairn_type *element, size_t n) {
  noteCaller();
  return newArray(element, n, nullptr);
}
CAIRN_API void *cairn_try_alloc(const cairn_type *type) {
  noteCaller();
  return allocateType(type, orDefault(nullptr), OnFull::Null);
}
CAIRN_API void *cairn_try_alloc_bytes(size_t n) {
  noteCaller();
  return allocateBytes(n, orDefault(nullptr), OnFull::Null);
}
CAIRN_API void *cairn_try_alloc_array(const cairn_type *element, size_t n) {
  noteCaller();
  return allocateArray(element, n, orDefault(nullptr), OnFull::Null);
}
CAIRN_API void *cairn_heap_alloc(cairn_heap *heap, const cairn_type *type) {
  noteCaller();
  return newTyped(type, heap);
}
CAIRN_API void *cairn_heap_alloc_bytes(cairn_heap *heap, size_t n) {
  noteCaller();
  return newBytes(n, heap);
}
CAIRN_API void *cairn_heap_alloc_array(cairn_heap *heap, const cairn_type *element, size_t n) {
  noteCaller();
  return newArray(element, n, heap);
}
CAIRN_API void *cairn_heap_try_alloc(cairn_heap *heap, const cairn_type *type) {
  noteCaller();
  return allocateType(type, orDefault(heap), OnFull::Null);
}
CAIRN_API void *cairn_heap_try_alloc_bytes(cairn_heap *heap, size_t n) {
  noteCaller();
  return allocateBytes(n, orDefault(heap), OnFull::Null);
}
CAIRN_API void *cairn_heap_try_alloc_array(cairn_heap *heap, const cairn_type *element, size_t n) {
  noteCaller();
  return allocateArray(element, n, orDefault(heap), OnFull::Null);
}

CAIRN_API size_t cairn_length(const void *object) {
  if (isImmediate(object))
    return 0;
  uint32_t meta = loadMeta(object);
  if (!isTyped(meta))
    return meta;
  return isArray(meta) ? *lengthOf(const_cast<void *>(object)) : 0;
}

} // extern "C"

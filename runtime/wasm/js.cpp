//===- js.cpp - What JavaScript calls -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Linked by `cairn build --js`. Every number is 32 bits wide, so that none is a BigInt.
// A reference that comes in is looked up first: it may point anywhere into its object,
// and what lies in no live object is reported through the import `fail`, which throws.
// Nothing has changed then. See docs/wasm.md.
//
//===----------------------------------------------------------------------===//

#include "cairn/containers.h"
#include "object/object.h"
#include "wasm/walk.h"

// JavaScript alone calls what is defined here: there is no header.
#pragma clang diagnostic ignored "-Wmissing-prototypes"

namespace cairn {

namespace {

constexpr uint32_t kWalked = 256;

struct Sizes {
  uint16_t of[kClasses];
};
constexpr Sizes makeSizes() {
  Sizes sizes = {};
  for (unsigned c = 0; c < kClasses; ++c)
    sizes.of[c] = uint16_t(sizeOfClass(c));
  return sizes;
}
constexpr Sizes kSizes = makeSizes();

/// Reports that p is in no live object.
[[noreturn]] __attribute__((noinline, cold)) void failAt(void *p) {
  Block block = blockAt(p);
  if (!block.heap)
    fail(CAIRN_ERROR_FOREIGN, p, "not in any object");
  else if (kindOf(block.mark) == kRaw)
    fail(CAIRN_ERROR_KIND, p, "in a raw block, not an object");
  else
    fail(CAIRN_ERROR_DEAD, p, "its object is dead");
  platform::abort();
}

/// The object that p points into; does not return if there is none.
void *objectAt(void *p) {
  // Most are exact references of plain objects in slabs of the default heap.
  unsigned cls = pageOf(p) < cairn_rt_mark_count ? fast::markOf(p) - 1u - kClasses : kClasses;
  if (CAIRN_LIKELY(cls < kClasses)) {
    uint32_t at = uint32_t(reinterpret_cast<uintptr_t>(p) % kSlabBytes) - slabStart(kObject);
    uint32_t size = kSizes.of[cls], index = at / size;
    if (CAIRN_LIKELY(at - index * size == kHeaderSize && index < slabOf(p)->slots && loadCount(p) &&
                     loadMeta(p) != kArrayMark))
      return p;
  }
  if (void *ref = cairn_resolve(p))
    return ref;
  failAt(p);
}

/// Bytes from an object's reference to the end of what it was asked for; of objects whose
/// type is not registered, to the end of their slot. A header that was written over says no
/// more than there is.
uint32_t sizeOf(char *ref, const Block &block) {
  uint32_t meta = loadMeta(ref), room = uint32_t(block.slot + block.size - ref);
  const cairn_type *type = isRegistered(meta) ? registered(meta) : nullptr;
  uint64_t size = room;
  if (kindOf(block.mark) == kByteArray)
    size = kByteArrayData - kByteArrayRef +
           uint64_t(meta) * *reinterpret_cast<uint32_t *>(block.slot + block.size - 4);
  else if (!isTyped(meta))
    size = meta;
  else if (isArray(meta) && (type || meta >> kMetaElemShift & 15))
    size = uint64_t(*lengthOf(ref)) *
           (type ? type->size : (meta >> kMetaElemShift & 15) * uint32_t(sizeof(void *)));
  else if (type)
    size = type->size;
  return size < room ? uint32_t(size) : room;
}

/// For cairn_js_stats.
struct {
  uint32_t objects, blocks, bytes, used, peak, limit, memory, slabs, large;
} figures;

/// For cairn_js_walk.
struct {
  uint32_t count;
  struct {
    void *p;
    uint32_t size, count, meta;
  } blocks[kWalked];
} walked;

} // namespace

} // namespace cairn

using namespace cairn;

#define CAIRN_JS(name) __attribute__((export_name(name), visibility("default"))) extern "C"

CAIRN_JS("cairn_js_abi") uint32_t cairn_js_abi() { return kAbiVersion; }

/// An object of this type, owned once; fields null, other bytes undefined. Throws when full.
CAIRN_JS("cairn_js_alloc") void *cairn_js_alloc(const cairn_type *type) {
  uint32_t meta = type->meta, bits = meta & kMetaShapeMask, size = type->size;
  if (CAIRN_UNLIKELY((meta & ~(kMetaShapeMask | kMetaClassMask)) != kMetaTyped || type->align > 8 ||
                     size > kMaxSmall - kHeaderSize ||
                     (meta & kMetaClassMask) != classBits(kHeaderSize + size) ||
                     uint32_t(__builtin_popcount(bits)) != type->field_count ||
                     bits >> (size / sizeof(void *) < 16 ? size / sizeof(void *) : 16)))
    return cairn_alloc(type); // which says what is wrong with it
  unsigned bin = binOf(kObject, fast::classFor(kHeaderSize + size));
  void *ref = fast::pop(fast::bins(), bin);
  if (CAIRN_UNLIKELY(!ref))
    ref = cairn_rt_take_slot_or_fail(bin, nullptr);
  fast::setHeader(ref, meta);
  for (void **field = static_cast<void **>(ref); bits; bits >>= 1, ++field)
    if (bits & 1)
      *field = nullptr;
  return ref;
}
CAIRN_JS("cairn_js_alloc_bytes") void *cairn_js_alloc_bytes(uint32_t n) {
  return cairn_alloc_bytes(n);
}
CAIRN_JS("cairn_js_alloc_array")
void *cairn_js_alloc_array(const cairn_type *element, uint32_t n) {
  return cairn_alloc_array(element, n);
}

CAIRN_JS("cairn_js_incref") void cairn_js_incref(void *p) { fast::incref(objectAt(p)); }
CAIRN_JS("cairn_js_decref") void cairn_js_decref(void *p) { fast::decref(objectAt(p)); }
/// The reference of the live object that p points into, or 0.
CAIRN_JS("cairn_js_resolve") void *cairn_js_resolve(void *p) { return cairn_resolve(p); }
/// -1 for an object that is never dropped.
CAIRN_JS("cairn_js_refcount") int32_t cairn_js_refcount(void *p) {
  return int32_t(cairn_refcount(objectAt(p)));
}
/// The header word.
CAIRN_JS("cairn_js_meta") uint32_t cairn_js_meta(void *p) { return loadMeta(objectAt(p)); }
/// Elements of an array, bytes of a bytes object or a byte array; 0 for others.
CAIRN_JS("cairn_js_length") uint32_t cairn_js_length(void *p) { return cairn_length(objectAt(p)); }
/// Bytes from the reference to the end of the object's memory.
CAIRN_JS("cairn_js_size") uint32_t cairn_js_size(void *p) {
  char *ref = static_cast<char *>(objectAt(p));
  if (isStatic(ref))
    return staticBytes(ref);
  return sizeOf(ref, blockAt(ref));
}
/// The descriptor of an object whose type is registered (it has a finaliser, or fields
/// past word 15), or 0.
CAIRN_JS("cairn_js_type") const cairn_type *cairn_js_type(void *p) {
  uint32_t meta = loadMeta(objectAt(p));
  return isRegistered(meta) ? registered(meta) : nullptr;
}

/// A descriptor of objects of `size` bytes with references at `count` ascending offsets,
/// which are copied. It stays for ever. 0 when full; throws if the offsets make no sense.
CAIRN_JS("cairn_js_describe")
const cairn_type *cairn_js_describe(uint32_t size, const uint32_t *offsets, uint32_t count) {
  char *p = count > UINT16_MAX
                ? nullptr
                : static_cast<char *>(metadata(sizeof(cairn_type) + count * sizeof(uint32_t)));
  if (!p)
    return nullptr;
  auto *fields =
      static_cast<uint32_t *>(__builtin_memcpy(p + sizeof(cairn_type), offsets, count * 4));
  auto *type = reinterpret_cast<cairn_type *>(p);
  *type = {size, 8, uint16_t(count), 0, 0, fields, nullptr, nullptr};
  bool full = false;
  type->meta = metaOf(type, false, full);
  return type->meta ? type : nullptr;
}

/// 0 when full.
CAIRN_JS("cairn_js_malloc") void *cairn_js_malloc(uint32_t n) { return cairn_malloc(n); }
CAIRN_JS("cairn_js_realloc") void *cairn_js_realloc(void *p, uint32_t n) {
  return cairn_realloc(p, n);
}
CAIRN_JS("cairn_js_free") void cairn_js_free(void *p) { cairn_free(p); }
/// Throws if no raw block starts at p.
CAIRN_JS("cairn_js_usable_size") uint32_t cairn_js_usable_size(void *p) {
  return cairn_usable_size(p);
}

/// Address of nine numbers: live objects, live raw blocks, bytes of both, bytes of pages
/// in use, the most there ever were, the most there may be, bytes of memory now, slabs,
/// large blocks. Valid until the next call.
CAIRN_JS("cairn_js_stats") const void *cairn_js_stats() {
  cairn_stats s;
  cairn_stats_get(nullptr, &s);
  figures = {uint32_t(s.live_objects),
             uint32_t(s.live_blocks),
             s.live_bytes,
             s.used,
             s.peak,
             uint32_t(defaultHeap()->limit()),
             uint32_t(__builtin_wasm_memory_size(0) * kMemoryUnit),
             uint32_t(s.slabs),
             uint32_t(s.large_blocks)};
  return &figures;
}

/// Address of [count], then count times [address][bytes][count][meta]: live blocks above
/// `after` (0 to begin with), in ascending order; 256 at most, none at the end. A raw
/// block has count and meta 0, an object that is never dropped the count -1. Valid until
/// the next call; the heap must not change in between.
CAIRN_JS("cairn_js_walk") const void *cairn_js_walk(char *after) {
  walked.count = 0;
  walkFrom(
      defaultHeap(), after,
      [](const cairn_block *block, void *context) {
        if (block->p <= context)
          return true;
        char *p = static_cast<char *>(block->p);
        uint32_t size = block->object ? sizeOf(p, blockAt(p)) : uint32_t(block->size);
        walked.blocks[walked.count++] = {block->p, size, uint32_t(block->count), block->meta};
        return walked.count < kWalked;
      },
      after);
  return &walked;
}

/// Whether free lists and marks make sense; throws what is wrong.
CAIRN_JS("cairn_js_check") uint32_t cairn_js_check() { return cairn_heap_check(nullptr); }

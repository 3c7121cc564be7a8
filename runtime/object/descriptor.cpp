//===- descriptor.cpp - Type descriptors and their registry -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Most types fit the header word. The others (finalisers, fields past what the
// word holds) get an index into a process-wide registry, by the descriptor's
// address; the same address always has the same index. It is written into the
// descriptor, where generated code reads it, or, if that lies in memory that may
// not be written, only looked up here.
//
//===----------------------------------------------------------------------===//

#include "object/object.h"

namespace cairn {

namespace {

struct Entry {
  const cairn_type *type;
  uint32_t bucket; ///< Next index in the same hash bucket, + 1.
  bool readOnly;   ///< The descriptor is known to lie in memory that may not be written.
};
// Of the entries that an index has room for, as many as address space has.
constexpr uint32_t kMost = sizeof(void *) > 4 ? kMaxRegistered : 1u << 12;
constexpr uint32_t kBuckets = sizeof(void *) > 4 ? 1u << 12 : 1u << 8;

platform::Mutex lock;
Entry *registry; ///< By number. The debuggers find it by its name (tools/debugger).
uint32_t used;
uint32_t unused; ///< A forgotten entry's index + 1; the next is in its bucket.
uint32_t *buckets;

/// Why a descriptor cannot be used, or null.
const char *faultOf(const cairn_type *t) {
  if (!t)
    return "no descriptor";
  if (t->align == 0 || (t->align & (t->align - 1)) || t->align > kMaxAlign)
    return "descriptor: alignment is not a power of two up to 16";
  if (t->reserved)
    return "descriptor: the reserved word is not 0";
  if (t->field_count && !t->fields)
    return "descriptor: fields are counted but not listed";
  for (unsigned i = 0; i < t->field_count; ++i) {
    uint32_t at = t->fields[i];
    if (at % sizeof(void *))
      return "descriptor: a managed field is not aligned";
    if (at > t->size || t->size - at < sizeof(void *))
      return "descriptor: a managed field lies past the size";
    if (i && at <= t->fields[i - 1])
      return "descriptor: managed fields do not ascend";
  }
  return nullptr;
}

uint32_t &bucketOf(const cairn_type *type) {
  return buckets[uint32_t((reinterpret_cast<uintptr_t>(type) >> 3) * 0x9e3779b1u) /
                 (~0u / kBuckets + 1)];
}

/// Puts an entry at the head of its bucket. Under the lock; findType looks without it.
void link(uint32_t index, const cairn_type *type) {
  uint32_t &bucket = bucketOf(type);
  __atomic_store_n(&registry[index].bucket, bucket, __ATOMIC_RELAXED);
  __atomic_store_n(&registry[index].readOnly, false, __ATOMIC_RELAXED);
  __atomic_store_n(&registry[index].type, type, __ATOMIC_RELEASE);
  __atomic_store_n(&bucket, index + 1, __ATOMIC_RELEASE);
}

/// The index of a descriptor that has one, without the lock; ~0u if it is not found, which
/// says nothing. Meanwhile an entry may change its bucket: then the walk goes astray, and
/// ends after some steps. An entry that holds the descriptor's address is its own.
uint32_t findType(const cairn_type *type) {
  if (!__atomic_load_n(&registry, __ATOMIC_ACQUIRE))
    return ~0u;
  uint32_t at = __atomic_load_n(&bucketOf(type), __ATOMIC_ACQUIRE);
  for (unsigned steps = 0; at && steps < 64; ++steps) {
    if (__atomic_load_n(&registry[at - 1].type, __ATOMIC_ACQUIRE) == type)
      return at - 1;
    at = __atomic_load_n(&registry[at - 1].bucket, __ATOMIC_RELAXED);
  }
  return ~0u;
}

uint32_t registerType(const cairn_type *type) {
  platform::Guard guard(lock);
  if (!registry) {
    if (faulted(CAIRN_FAULT_METADATA))
      return ~0u;
    // Address space only: backed as types come.
    char *p = static_cast<char *>(
        platform::reserve(kMost * sizeof(Entry) + kBuckets * 4, platform::kPage));
    if (!p)
      return ~0u;
    buckets = reinterpret_cast<uint32_t *>(p + kMost * sizeof(Entry));
    __atomic_store_n(&registry, reinterpret_cast<Entry *>(p), __ATOMIC_RELEASE);
  }
  for (uint32_t i = bucketOf(type); i; i = registry[i - 1].bucket)
    if (registry[i - 1].type == type)
      return i - 1;
  uint32_t index = unused ? unused - 1 : used;
  if (index == kMost)
    return ~0u;
  if (unused)
    unused = registry[index].bucket;
  else
    __atomic_store_n(&used, used + 1, __ATOMIC_RELEASE);
  link(index, type);
  return index;
}

/// Writes a registered type's header word into its descriptor, for the next allocation to
/// read. The system is asked whether it may be written, once if it says no.
void writeMeta(const cairn_type *type, uint32_t index, uint32_t meta) {
  if (__atomic_load_n(&registry[index].readOnly, __ATOMIC_RELAXED))
    return;
  uint32_t *word = &const_cast<cairn_type *>(type)->meta;
  if (platform::isWritable(word))
    __atomic_store_n(word, meta, __ATOMIC_RELEASE);
  else
    __atomic_store_n(&registry[index].readOnly, true, __ATOMIC_RELAXED);
}

/// Takes an entry out of its bucket. Under the lock.
void unlink(uint32_t index) {
  uint32_t *at = &bucketOf(registry[index].type);
  while (*at != index + 1)
    at = &registry[*at - 1].bucket;
  __atomic_store_n(at, registry[index].bucket, __ATOMIC_RELAXED);
}

/// A copy of a descriptor in memory of the registry's; null if there is none.
const cairn_type *copyOf(const cairn_type *type) {
  size_t fields = type->field_count * sizeof(uint32_t);
  size_t name = type->name ? __builtin_strlen(type->name) + 1 : 0;
  char *p = static_cast<char *>(metadata(sizeof(cairn_type) + fields + name));
  if (!p)
    return nullptr;
  cairn_type *copy = reinterpret_cast<cairn_type *>(p);
  *copy = *type;
  char *at = p + sizeof(cairn_type);
  if (fields)
    copy->fields = static_cast<uint32_t *>(__builtin_memcpy(at, type->fields, fields));
  if (name)
    copy->name = static_cast<char *>(__builtin_memcpy(at + fields, type->name, name));
  return copy;
}

/// Why the header word that came with a descriptor cannot be its own, or null. The
/// fields are not looked at one by one.
const char *faultOfMeta(const cairn_type *t, uint32_t meta) {
  const char *wrong = "descriptor: its header word is not its own";
  if (!isTyped(meta) || isArray(meta))
    return wrong;
  if (isRegistered(meta)) {
    // No lock: the entry was there before the word that names it.
    uint32_t index = registeredIndex(meta);
    return index < __atomic_load_n(&used, __ATOMIC_ACQUIRE) && registry[index].type == t ? nullptr
                                                                                         : wrong;
  }
  uint32_t bits = meta & kMetaShapeMask;
  uint32_t cls = meta & kMetaClassMask; // 0 is any type's
  if (meta & kMetaFree || (cls && cls != classBits(objectBytes(t->size, t->align))))
    return wrong;
  bool fits = unsigned(__builtin_popcount(bits)) == t->field_count && !t->finalize &&
              uint64_t(t->size) / sizeof(void *) >= (bits ? 32 - unsigned(__builtin_clz(bits)) : 0);
  return fits ? nullptr : wrong;
}

} // namespace

void lockAbove() {
  lock.lock();
  lockStatics();
}
void unlockAbove() {
  unlockStatics();
  lock.unlock();
}

const cairn_type *registered(uint32_t meta) {
  return registeredIndex(meta) < __atomic_load_n(&used, __ATOMIC_RELAXED)
             ? registry[registeredIndex(meta)].type
             : nullptr;
}

uint32_t metaOf(const cairn_type *type, bool array, bool &full) {
  if (array)
    noteShape();
  uint32_t own = type ? __atomic_load_n(&type->meta, __ATOMIC_ACQUIRE) : 0;
  if (own && (!array || isRegistered(own))) {
    const char *what = faultOfMeta(type, own);
    if (what)
      fail(CAIRN_ERROR_TYPE, type, what);
    return what ? 0 : array ? own | kMetaArray : own;
  }
  if (const char *what = faultOf(type)) {
    fail(CAIRN_ERROR_TYPE, type, what);
    return 0;
  }
  constexpr unsigned kWord = sizeof(void *);
  unsigned words = array ? kMetaElemWords : kMetaBitmapWords;
  bool fits = !type->finalize;
  uint32_t bits = 0;
  for (unsigned i = 0; i < type->field_count; ++i) {
    fits &= type->fields[i] / kWord < words;
    bits |= 1u << type->fields[i] / kWord % 16;
  }
  if (array && bits) // an element without managed fields may have any size
    fits &= type->size % kWord == 0 && type->size / kWord < 16;
  if (fits) {
    if (!array)
      return kMetaTyped | classBits(objectBytes(type->size, type->align)) | bits;
    uint32_t elem = bits ? type->size / kWord : 0;
    return kMetaTyped | kMetaArray | elem << kMetaElemShift | bits;
  }
  noteShape();
  uint32_t index = findType(type);
  if (index == ~0u)
    index = registerType(type);
  if (index == ~0u) {
    full = true;
    return 0;
  }
  uint32_t meta = registeredMeta(index) | (array ? kMetaArray : 0);
  if (!array)
    writeMeta(type, index, meta);
  return meta;
}

Fields::Fields(void *ref, uint32_t meta) : Payload(static_cast<char *>(ref)) {
  if (!isTyped(meta))
    return;
  uint64_t elements = isArray(meta) ? *lengthOf(ref) : 1;
  if (isRegistered(meta)) {
    const cairn_type *type = registered(meta);
    Offsets = type->fields;
    PerElement = type->field_count;
    Stride = type->size;
  } else if (isArray(meta)) {
    Bitmap = meta & ((1u << kMetaElemWords) - 1);
    PerElement = (meta & kMetaShapeMask) >> kMetaElemShift;
    Stride = PerElement * sizeof(void *);
  } else {
    Bitmap = meta & kMetaShapeMask;
    PerElement = Bitmap ? 32 - unsigned(__builtin_clz(Bitmap)) : 0;
  }
  Count = PerElement && (Offsets || Bitmap) ? elements * PerElement : 0;
}

void **Fields::next(uint64_t &at) const {
  while (at < Count) {
    uint64_t element = PerElement == 1 ? at : at / PerElement;
    uint32_t i = PerElement == 1 ? 0 : uint32_t(at % PerElement);
    ++at;
    if (Offsets)
      return reinterpret_cast<void **>(Payload + element * Stride + Offsets[i]);
    if (Bitmap >> i & 1)
      return reinterpret_cast<void **>(Payload + element * Stride + i * sizeof(void *));
  }
  return nullptr;
}

uint64_t retireTypes(const cairn_host_range *ranges, size_t count, WalkHeaps walk) {
  auto inside = [&](const void *p) {
    for (size_t i = 0; i < count; ++i)
      if (p >= ranges[i].from && p < ranges[i].to)
        return true;
    return false;
  };
  auto finalizerInside = [&](const cairn_type *type) {
    return type->finalize && inside(reinterpret_cast<void *>(type->finalize));
  };
  platform::Guard guard(lock);
  // Only types of the registry refer to memory outside the heap: mostly there are
  // none here, and no heap need be looked at.
  bool any = false;
  for (uint32_t i = 0; i < used && !any; ++i)
    any = registry[i].type && (inside(registry[i].type) || finalizerInside(registry[i].type));
  if (!any)
    return 0;
  size_t words = (used + 63) / 64; // a bit per entry: whether such objects live
  uint64_t *live = static_cast<uint64_t *>(platform::reserve(words * 8, platform::kPage));
  if (!live)
    return ~uint64_t(0);
  uint64_t held = 0;
  auto see = [&](const cairn_block *b) {
    // A program that writes over its objects can have named any type, or none.
    if (!b->object || !isRegistered(b->meta) || !registered(b->meta))
      return;
    uint32_t index = registeredIndex(b->meta);
    live[index / 64] |= uint64_t(1) << (index % 64);
    held += finalizerInside(registry[index].type);
  };
  auto visit = [](const cairn_block *b, void *f) {
    (*static_cast<decltype(see) *>(f))(b);
    return true;
  };
  walk(visit, &see);
  for (uint32_t i = 0; i < used && !held; ++i) {
    const cairn_type *type = registry[i].type;
    if (!type || !inside(type))
      continue;
    const cairn_type *copy = nullptr;
    if (live[i / 64] >> (i % 64) & 1 && !(copy = copyOf(type))) {
      held = ~uint64_t(0);
      break;
    }
    unlink(i);
    if (copy) {
      link(i, copy);
    } else {
      __atomic_store_n(&registry[i].type, nullptr, __ATOMIC_RELAXED);
      __atomic_store_n(&registry[i].bucket, unused, __ATOMIC_RELAXED);
      unused = i + 1;
    }
  }
  platform::release(live, (words * 8 + platform::kPage - 1) / platform::kPage * platform::kPage);
  return held;
}

} // namespace cairn

using namespace cairn;

// The two descriptors that everyone needs.
static const uint32_t refFields[] = {0};
extern "C" {
CAIRN_API cairn_type cairn_type_ref = {
    sizeof(void *), alignof(void *), 1,    CAIRN_META_(void *, 1u, 1, 0), 0,
    refFields,      nullptr,         "ref"};
CAIRN_API cairn_type cairn_type_byte = {1, 1,       0,       CAIRN_META_(char, 0u, 1, 0),
                                        0, nullptr, nullptr, "byte"};
}

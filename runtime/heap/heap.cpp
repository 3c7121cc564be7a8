//===- heap.cpp - Making, finding and destroying heaps -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/purger.h"

/// The default heap's record has a link-time address, for code bound to it
/// statically.
extern "C" {
CAIRN_API constinit cairn::Heap cairn_default_heap_object = {};
}

namespace cairn {

platform::Mutex processLock;
uintptr_t tableLimit;
void watchForks();
void reportAtExit();
void reportEnd(Heap *heap);

namespace {

constexpr size_t kDefaultSize = size_t(64) << 20;
constexpr size_t kSmallestHeap = size_t(256) << 10;
/// Below this, a heap's slabs are pages of the guide's classes: 64 KiB for each of
/// 213 bins would leave nothing.
constexpr size_t kCoarseBelow = size_t(16) << 20;
constexpr uint32_t kMaxHeaps = 1u << 16;

Heap *theDefault; ///< Set once.
Heap **heaps;     ///< kMaxHeaps places, by index.
uint32_t heapsMade;
/// Places of heaps that were destroyed, each with the number of the next + 1. Under processLock.
uint32_t *spareIndices, spareIndex;
bool checkedProcess;

struct {
  uint64_t count, failAt;
  bool used; ///< By a test: else nothing is counted, and no line is shared.
} faults[4];

platform::Mutex metadataLock; ///< Innermost of all.
char *metadataAt;
size_t metadataLeft;

size_t roundUp(size_t n, size_t to) { return (n + to - 1) & ~(to - 1); }

/// Reserves a record for every 64 KiB of address space, or, where that is refused,
/// for the part of it where heaps will then lie.
bool reserveTable() {
  if (cairn_rt_table)
    return true;
  for (unsigned bits = platform::kAddressBits; bits >= 32; --bits) {
    size_t bytes = size_t(1) << (bits - kSlabShift + kSlabRecordShift);
    if (void *table = platform::reserve(bytes, platform::kPage)) {
      tableLimit = bits < sizeof(uintptr_t) * 8 ? uintptr_t(1) << bits : 0;
      cairn_rt_table = static_cast<char *>(table);
      return true;
    }
  }
  return false;
}

Slab *recordOf(uintptr_t p) {
  return reinterpret_cast<Slab *>(cairn_rt_table + ((p >> kSlabShift) << kSlabRecordShift));
}

/// Maps a heap of `size` bytes and its records; the heap's own is `storage` if that is
/// not null. Under processLock.
Heap *makeHeap(size_t size, const char *name, bool checked, Heap *storage = nullptr) {
  bool coarse = size < kCoarseBelow;
  size_t slab = coarse ? platform::kPage : kSlabSize;
  size_t sharedBytes = roundUp(size / slab * sizeof(Shared), platform::kPage);
  size_t pageBytes = coarse ? roundUp(size / slab * sizeof(Slab), platform::kPage) : 0;
  size_t records = roundUp(sizeof(Heap), platform::kPage) + sharedBytes + pageBytes +
                   Space::recordBytes(size) + (checked ? checkedRecordBytes(size) : 0);
  uint32_t index = spareIndex ? spareIndex - 1 : heapsMade;
  if (index == kMaxHeaps || faulted(CAIRN_FAULT_METADATA))
    return nullptr;
  char *mapping = static_cast<char *>(platform::reserve(records, platform::kPage)), *at = mapping;
  if (!at)
    return nullptr;
  // Where there is room, so that a block may be aligned to a huge page of any size.
  size_t align = size >= size_t(64) << 30 ? size_t(1) << 30 : kMostAlign;
  void *region = faulted(CAIRN_FAULT_REGION) ? nullptr : platform::reserve(size, align, tableLimit);
  if (!region) {
    platform::release(mapping, records);
    return nullptr;
  }
  Heap *heap = storage ? storage : reinterpret_cast<Heap *>(at);
  *heap = Heap();
  heap->base = reinterpret_cast<uintptr_t>(region);
  heap->size = size;
  heap->name = name;
  heap->index = index;
  heap->checked = checked;
  heap->coarse = coarse;
  heap->recordBytes = records;
  at += roundUp(sizeof(Heap), platform::kPage);
  heap->shared = reinterpret_cast<Shared *>(at);
  at += sharedBytes;
  heap->pages = reinterpret_cast<Slab *>(at);
  at += pageBytes;
  heap->space.init(heap->base, size, at);
  at += Space::recordBytes(size);
  if (checked && !makeChecked(heap, at)) {
    platform::release(region, size);
    platform::release(mapping, records);
    return nullptr;
  }
  if (coarse)
    for (size_t unit = 0; unit < size >> kSlabShift; ++unit) {
      Slab *s = recordOf(heap->base + (unit << kSlabShift));
      s->free = heap->pages + unit * (kSlabSize / platform::kPage);
      s->base = heap->base + (unit << kSlabShift);
      s->shared = heap->shared; // any of the heap's
      __atomic_store_n(&s->role, kSplitRole, __ATOMIC_RELEASE);
    }
  heap->shared[0].heap = heap;
  __atomic_store_n(&heaps[index], heap, __ATOMIC_RELEASE);
  if (spareIndex)
    spareIndex = spareIndices[index];
  else
    __atomic_store_n(&heapsMade, index + 1, __ATOMIC_RELEASE);
  reportAtExit();
  static bool inspects; // under the process's lock
  if (checked && !inspects) {
    inspects = true;
    platform::atExit(inspectAll);
  }
  return heap;
}

bool setUp() {
  if (!reserveTable())
    return false;
  if (!heaps) {
    constexpr size_t kEach = sizeof(Heap *) + sizeof(uint32_t);
    heaps = static_cast<Heap **>(platform::reserve(kMaxHeaps * kEach, platform::kPage));
    if (!heaps)
      return false;
    spareIndices = reinterpret_cast<uint32_t *>(heaps + kMaxHeaps);
    const char *check = platform::environment("CAIRN_CHECK");
    checkedProcess = check && *check && *check != '0';
    readPurgeDelay();
    platform::prepareBarrier();
    watchForks();
  }
  return true;
}

/// The default heap takes what the platform gives, but leaves room for others.
Heap *makeDefault() {
  platform::Guard guard(processLock);
  if (theDefault || !setUp())
    return theDefault;
  size_t most = platform::kLargestHeap;
  if (tableLimit && tableLimit / 4 < most)
    most = tableLimit / 4;
  Heap *heap = nullptr;
  for (size_t size = most; !heap && size >= kSmallestHeap; size /= 2)
    heap = makeHeap(size, "default", checkedProcess, &cairn_default_heap_object);
  __atomic_store_n(&theDefault, heap, __ATOMIC_RELEASE);
  return heap;
}

} // namespace

Heap *defaultHeap() {
  Heap *heap = __atomic_load_n(&theDefault, __ATOMIC_ACQUIRE);
  return CAIRN_LIKELY(heap != nullptr) ? heap : makeDefault();
}

uint32_t heapCount() { return __atomic_load_n(&heapsMade, __ATOMIC_ACQUIRE); }
void lockMetadata() { metadataLock.lock(); }
void unlockMetadata() { metadataLock.unlock(); }
Heap *heapAt(uint32_t i) { return __atomic_load_n(&heaps[i], __ATOMIC_ACQUIRE); }

Heap *heapOf(const void *p) {
  platform::Guard guard(processLock); // a heap found may be destroyed meanwhile
  if (cairn_rt_table && addressHasRecord(p)) {
    const Slab *record = fast::slabOf(p);
    if (__atomic_load_n(&record->role, __ATOMIC_ACQUIRE) != kNoRole)
      if (Heap *heap = __atomic_load_n(&record->shared, __ATOMIC_RELAXED)->heap; heap->contains(p))
        return heap;
  }
  // In a large block that starts elsewhere, or in memory that was never used.
  for (uint32_t i = 0, n = heapCount(); i < n; ++i)
    if (Heap *heap = heapAt(i))
      if (heap->contains(p))
        return heap;
  return nullptr;
}

void *metadata(size_t bytes, size_t align) {
  bytes = roundUp(bytes, 64);
  if (faulted(CAIRN_FAULT_METADATA))
    return nullptr;
  platform::Guard guard(metadataLock);
  size_t skip = -reinterpret_cast<uintptr_t>(metadataAt) & (align - 1);
  if (bytes + skip > metadataLeft) {
    skip = 0;
    size_t chunk = bytes > 65536 ? roundUp(bytes, platform::kPage) : 65536;
    char *p = static_cast<char *>(platform::reserve(chunk, platform::kPage));
    if (!p)
      return nullptr;
    metadataAt = p;
    metadataLeft = chunk;
  }
  void *p = metadataAt + skip;
  metadataAt += skip + bytes;
  metadataLeft -= skip + bytes;
  return p;
}

bool faulted(cairn_fault kind) {
  auto &f = faults[kind];
  if (CAIRN_LIKELY(!__atomic_load_n(&f.used, __ATOMIC_RELAXED)))
    return false;
  uint64_t n = __atomic_add_fetch(&f.count, 1, __ATOMIC_RELAXED);
  return CAIRN_UNLIKELY(n == __atomic_load_n(&f.failAt, __ATOMIC_RELAXED));
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API char *cairn_rt_table;

/// The table exists before any inlined free reads it, so that a foreign pointer
/// given to one is found in a program that never allocated.
__attribute__((constructor)) static void setUpTable() {
#if !CAIRN_ONLY_CALLS // libcairn-malloc is linked to stay
  platform::stayLoaded();
#endif
  platform::Guard guard(processLock);
  setUp();
}

CAIRN_API cairn_heap *cairn_heap_default(void) {
  return reinterpret_cast<cairn_heap *>(defaultHeap());
}

CAIRN_API cairn_heap *cairn_heap_create(const cairn_heap_options *options) {
  size_t size = options && options->size ? options->size : kDefaultSize;
  if (size > platform::kLargestHeap)
    return nullptr;
  size = roundUp(size < kSmallestHeap ? kSmallestHeap : size, kSlabSize);
  platform::Guard guard(processLock);
  if (!setUp())
    return nullptr;
  return reinterpret_cast<cairn_heap *>(makeHeap(size, options ? options->name : nullptr,
                                                 (options && options->checked) || checkedProcess));
}

CAIRN_API void cairn_heap_destroy(cairn_heap *h) {
  Heap *heap = reinterpret_cast<Heap *>(h);
  if (!heap)
    return;
  if (heap == &cairn_default_heap_object) {
    fail(CAIRN_ERROR_USAGE, heap, "the default heap cannot be destroyed");
    return;
  }
  inspect(heap);
  reportEnd(heap);
  platform::Guard guard(processLock);
  __atomic_store_n(&heaps[heap->index], nullptr, __ATOMIC_RELEASE);
  spareIndices[heap->index] = spareIndex;
  spareIndex = heap->index + 1;
  dropCaches(heap);
  // Its records read as "no heap" again.
  char *from = reinterpret_cast<char *>(recordOf(heap->base));
  char *to = reinterpret_cast<char *>(recordOf(heap->base + heap->size));
  for (char *p = from; p < to;) {
    size_t page = size_t(p) % platform::kPage;
    size_t n = size_t(to - p);
    if (!page && n >= platform::kPage) {
      n = n / platform::kPage * platform::kPage;
      platform::purge(p, n);
    } else {
      if (n > platform::kPage - page)
        n = platform::kPage - page;
      __builtin_memset(p, 0, n);
    }
    p += n;
  }
  platform::release(reinterpret_cast<void *>(heap->base), heap->size);
  platform::release(heap, heap->recordBytes);
}

CAIRN_API cairn_heap *cairn_heap_of(const void *p) {
  return reinterpret_cast<cairn_heap *>(heapOf(p));
}

CAIRN_API void *cairn_heap_base(const cairn_heap *h) {
  return reinterpret_cast<void *>(reinterpret_cast<const Heap *>(h)->base);
}

CAIRN_API size_t cairn_heap_size(const cairn_heap *h) {
  return reinterpret_cast<const Heap *>(h)->size;
}

CAIRN_API size_t cairn_heap_trim(cairn_heap *h) {
  Heap *heap = orDefault(h);
  if (!heap)
    return 0;
  reclaim(heap);
  platform::Guard guard(heap->lock);
  return heap->space.purge();
}

CAIRN_API void cairn_fault_set(cairn_fault kind, uint64_t k) {
  __atomic_store_n(&faults[kind].count, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&faults[kind].failAt, k, __ATOMIC_RELAXED);
  __atomic_store_n(&faults[kind].used, true, __ATOMIC_RELAXED);
}

CAIRN_API uint64_t cairn_fault_count(cairn_fault kind) {
  return __atomic_load_n(&faults[kind].count, __ATOMIC_RELAXED);
}

CAIRN_API const char *cairn_version(void) { return CAIRN_VERSION; }

} // extern "C"

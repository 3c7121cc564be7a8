//===- heap.cpp - Making, finding and destroying heaps -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/guard.h"
#include "heap/purger.h"
#include "heap/samples.h"
#include "heap/sealed.h"
#include "heap/validate.h"
#include "platform/outside.h"

/// The default heap's record has a link-time address, for code bound to it
/// statically.
extern "C" {
CAIRN_API constinit cairn::Heap cairn_default_heap_object = {};
}

namespace cairn {

platform::Mutex processLock;

namespace {

constexpr size_t kDefaultSize = size_t(64) << 20;
constexpr size_t kSmallestHeap = size_t(256) << 10;
/// Below this, a heap's slabs are pages of eight classes (16, 32 ... 2048): 64 KiB for each of
/// 213 bins would leave nothing.
constexpr size_t kCoarseBelow = size_t(16) << 20;
constexpr uint32_t kMaxHeaps = 1u << 16;

Heap *theDefault; ///< Set once.
Heap **heaps;     ///< kMaxHeaps places, by index.
Extent heapsRoom, sparesRoom;
uint32_t heapsMade;
/// Places in `heaps` that are free again: a list, each holding the index of the next one plus 1.
/// Under processLock.
uint32_t *spareIndices, spareIndex;
bool checkedProcess;

struct {
  uint64_t count, failAt;
  bool used; ///< A test asked for faults. Without one no request is counted, so that threads
             ///< do not write to one line.
} faults[4];

platform::Mutex metadataLock; ///< Innermost of all.
/// What a part of metadata's memory begins with.
struct alignas(64) MetadataPart {
  MetadataPart *before;
  size_t bytes;
};
MetadataPart *metadataParts; ///< The newest.
char *metadataAt;
size_t metadataLeft;

size_t roundUp(size_t n, size_t to) { return (n + to - 1) & ~(to - 1); }

Slab *recordOf(uintptr_t p) {
  return reinterpret_cast<Slab *>(cairn_rt_table + ((p >> kSlabShift) << kSlabRecordShift));
}

Heap *heapOfSpace(Space &space) {
  return reinterpret_cast<Heap *>(reinterpret_cast<char *>(&space) -
                                  __builtin_offsetof(Heap, space));
}

/// Called when a region is cut (Space::Hold::cut): gives up the bits of a checked heap for the
/// part that is gone. The slab records stay, since `locate` may still be asked about an address
/// there.
void cutRecords(Space &space, size_t bytes) {
  if (Heap *heap = heapOfSpace(space); heap->checked)
    heap->checkedRoom.cutIfMuch(checkedRecordBytes(bytes), Space::kWorthTrimming);
}

/// Called when a region grows (Space::Hold::reach): makes the records beside it usable as far.
bool reachRecords(Space &space, size_t bytes) {
  Heap *heap = heapOfSpace(space);
  size_t shared = heap->size / kSlabSize * sizeof(Shared);
  if (shared > Extent::kAtOnce)
    shared = (bytes + kSlabSize - 1) / kSlabSize * sizeof(Shared);
  uintptr_t to = heap->base + bytes;
  if (!heap->sharedRoom.reach(shared) ||
      (heap->checked && !heap->checkedRoom.reach(checkedRecordBytes(bytes))))
    return false;
  if (to <= heap->recordsTo) // the region was cut, its records stay
    return true;
  if (!makeRecordsWritable(heap->recordsTo, to))
    return false;
  heap->recordsTo = to;
  validateTable();
  if (heap == &cairn_default_heap_object)
    __atomic_store_n(&usual.bytes, to - heap->base, __ATOMIC_RELAXED);
  return true;
}

/// How a heap gets its address space.
enum class Hold {
  AtOnce,   ///< All of it is mapped readable and writable.
  Reserved, ///< All of it is reserved, and made usable as the heap grows.
  Nothing,  ///< Mapped as it grows, so that it counts under no limit before.
};

/// Where heaps of 4 GiB and more lie: not before the libraries, where other mappings go.
constexpr size_t kPlaced = size_t(4) << 30;

/// The records of the default heap's first blocks can be read before they are given out.
constexpr size_t kSeen = size_t(16) << 30;

/// Gives the address space of a heap and its records back.
void releaseHeap(Heap *heap, char *mapping, bool held) {
  if (held) {
    platform::release(reinterpret_cast<void *>(heap->base), heap->size);
    platform::release(mapping, heap->recordBytes);
    return;
  }
  heap->sharedRoom.release();
  heap->checkedRoom.release();
  heap->space.release();
}

char *mapPart(size_t bytes, size_t align, Hold hold, void *place) {
  switch (hold) {
  case Hold::AtOnce:
    return static_cast<char *>(platform::reserve(bytes, align));
  case Hold::Reserved:
    return static_cast<char *>(platform::reserveUntouchable(bytes, align, place));
  case Hold::Nothing:
    return static_cast<char *>(place);
  }
  return nullptr;
}

/// Maps a heap of `size` bytes and its records; the heap's own is `storage` if that is
/// not null. Under processLock.
Heap *makeHeap(size_t size, const char *name, bool checked, Hold hold, Heap *storage = nullptr) {
  bool coarse = size < kCoarseBelow;
  if (coarse)
    hold = Hold::AtOnce;
  size_t slab = coarse ? platform::kPage : kSlabSize;
  size_t sharedBytes = roundUp(size / slab * sizeof(Shared), platform::kPage);
  size_t pageBytes = coarse ? roundUp(size / slab * sizeof(Slab), platform::kPage) : 0;
  size_t checkedBytes = checked ? roundUp(checkedRecordBytes(size), platform::kPage) : 0;
  size_t records = kHeapBytes + sharedBytes + pageBytes + checkedBytes + Space::recordBytes(size);
  uint32_t index = spareIndex ? spareIndex - 1 : heapsMade;
  if (index == kMaxHeaps || faulted(CAIRN_FAULT_METADATA) ||
      !heapsRoom.reach((index + 1) * sizeof(Heap *)) ||
      !sparesRoom.reach((index + 1) * sizeof(uint32_t)))
    return nullptr;
  // Where there is room, so that a block may be aligned to a huge page of any size.
  size_t align = size >= size_t(64) << 30 ? size_t(1) << 30 : kMostAlign;
  unsigned number = storage ? kDefaultPlace : kLargePlace;
  void *wish = nullptr;
  if (hold == Hold::Nothing) {
    if (!(wish = platform::unusedAddress(size + align + records, number)))
      return nullptr;
  } else if (size >= kPlaced) {
    wish = platform::likelyUnused(number);
  }
  char *place = static_cast<char *>(wish);
  char *mapping = mapPart(records, platform::kPage, hold, place ? place + size + align : nullptr);
  char *at = mapping;
  if (!at)
    return nullptr;
  bool held = hold != Hold::Nothing;
  void *region = faulted(CAIRN_FAULT_REGION) ? nullptr : mapPart(size, align, hold, place);
  Extent header;
  header.init(at, kHeapBytes, held, hold == Hold::AtOnce);
  if (!region || (!storage && !header.reach(kHeapBytes))) {
    if (held && region)
      platform::release(region, size);
    if (held)
      platform::release(mapping, records);
    return nullptr;
  }
  Heap *heap = storage ? storage : reinterpret_cast<Heap *>(at);
  *heap = Heap();
  heap->base = reinterpret_cast<uintptr_t>(region);
  heap->size = size;
  heap->held = held ? size : 0;
  heap->name = name;
  heap->index = index;
  heap->checked = checked;
  heap->coarse = coarse;
  heap->recordBytes = records;
  heap->recordsTo = heap->base;
  if (storage)
    usual = {heap->base, 0};
  at += kHeapBytes;
  auto room = [&](Extent &extent, size_t bytes) {
    char *p = at;
    extent.init(p, bytes, held, hold == Hold::AtOnce);
    at += bytes;
    return p;
  };
  heap->shared = reinterpret_cast<Shared *>(room(heap->sharedRoom, sharedBytes));
  heap->pages = reinterpret_cast<Slab *>(at);
  at += pageBytes;
  char *checkedAt = room(heap->checkedRoom, checkedBytes);
  // All of a heap that may be looked at by its offsets.
  size_t seen = !storage ? size : held ? kSeen : kChunk;
  makeRecordsReadable(heap->base, heap->base + (seen < size ? seen : size));
  Space::Hold how;
  how.held = held;
  how.usable = hold == Hold::AtOnce;
  how.reach = reachRecords;
  how.cut = cutRecords;
  if (!heap->space.init(heap->base, size, at, how) ||
      (how.usable && !reachRecords(heap->space, size)) ||
      (checked && !makeChecked(heap, checkedAt))) {
    releaseHeap(heap, mapping, held);
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
  platform::searched(region, size);
  heap->shared[0].heap = heap;
  if (guardRate)
    guardHeap(heap, guardRate);
  CAIRN_ASSERT("heap", heap, !heaps[index] && index <= heapsMade, index, heaps[index], heapsMade);
  __atomic_store_n(&heaps[index], heap, __ATOMIC_RELEASE);
  if (spareIndex)
    spareIndex = spareIndices[index];
  else
    __atomic_store_n(&heapsMade, index + 1, __ATOMIC_RELEASE);
  heapMade();
  static bool inspects; // under the process's lock
  if (checked && !inspects) {
    inspects = true;
    platform::atExit(inspectAll);
  }
  return heap;
}

/// All heaps are checked. The first call says where it comes from before it has made the default
/// heap.
void checkProcess() {
  checkedProcess = true;
  __atomic_store_n(&notesCallers, true, __ATOMIC_RELAXED);
}

bool setUp() {
  if (!reserveTable())
    return false;
  if (!heaps) {
    auto place = [](Extent &room, size_t bytes) {
      void *at = platform::reserveUntouchable(bytes, platform::kPage);
      if (at)
        room.init(at, bytes, true, false);
      return at;
    };
    auto *spares = static_cast<uint32_t *>(place(sparesRoom, kMaxHeaps * sizeof(uint32_t)));
    auto *all =
        spares ? static_cast<Heap **>(place(heapsRoom, kMaxHeaps * sizeof(Heap *))) : nullptr;
    if (!all)
      return false;
    spareIndices = spares;
    heaps = all;
    const char *check = platform::environment("CAIRN_CHECK");
    platform::findWatchers();
    // What AddressSanitizer and memcheck are told (platform/outside.h) only checked heaps know.
    if (check && *check ? *check != '0' : platform::listens())
      checkProcess();
    readPurgeDelay();
    readGuardRate();
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
  auto make = [](size_t size, Hold hold) {
    return makeHeap(size, "default", checkedProcess, hold, &cairn_default_heap_object);
  };
  // What is reserved counts under a limit on address space.
  Heap *heap =
      platform::addressSpaceLimit() ? make(platform::kLargestHeap, Hold::Nothing) : nullptr;
  for (size_t size = platform::kLargestHeap; !heap && size >= kSmallestHeap; size /= 2)
    heap = make(size, Hold::Reserved);
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

void *metadata(size_t bytes) { return metadata(bytes, 64); }

void *metadata(size_t bytes, size_t align) {
  bytes = roundUp(bytes, 64);
  if (faulted(CAIRN_FAULT_METADATA))
    return nullptr;
  platform::Guard guard(metadataLock);
  size_t skip = -reinterpret_cast<uintptr_t>(metadataAt) & (align - 1);
  if (bytes + skip > metadataLeft) {
    size_t least = sizeof(MetadataPart) + bytes + align;
    size_t chunk = least > 65536 ? roundUp(least, platform::kPage) : 65536;
    auto *part = static_cast<MetadataPart *>(platform::reserve(chunk, platform::kPage));
    if (!part)
      return nullptr;
    *part = {metadataParts, chunk};
    __atomic_store_n(&metadataParts, part, __ATOMIC_RELEASE);
    metadataAt = reinterpret_cast<char *>(part + 1);
    metadataLeft = chunk - sizeof(MetadataPart);
    skip = -reinterpret_cast<uintptr_t>(metadataAt) & (align - 1);
  }
  void *p = metadataAt + skip;
  metadataAt += skip + bytes;
  metadataLeft -= skip + bytes;
  return p;
}

void eachMetadata(const OwnMemory &each) {
  for (auto *part = __atomic_load_n(&metadataParts, __ATOMIC_ACQUIRE); part; part = part->before)
    each(reinterpret_cast<uintptr_t>(part), reinterpret_cast<uintptr_t>(part) + part->bytes);
}

bool exposeRegion(Heap *heap) {
  platform::Guard guard(heap->lock);
  return heap->space.reachAll() && unsealAll(heap);
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

CAIRN_API void cairn_rt_check_process(void) {
  platform::Guard guard(processLock);
  checkProcess();
}

void cairn_rt_set_up(void) {
  platform::Guard guard(processLock);
  setUp();
}

/// The table exists before any inlined free reads it, so that a foreign pointer
/// given to one is found in a program that never allocated.
#if defined(__GLIBC__)
// The process's malloc is initialised before the C library is, which passes this on.
__attribute__((constructor)) static void setUpTable(int, char **, char **variables) {
  platform::giveEnvironment(variables);
#else
__attribute__((constructor)) static void setUpTable() {
#endif
#if !CAIRN_ONLY_CALLS // libcairn-malloc is linked to stay
  platform::stayLoaded();
#endif
  cairn_rt_set_up();
  // The first heap, with which a profile begins, may be made under any lock.
  if (guardRate || wishedProfile())
    platform::prepareStacks();
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
                                                 (options && options->checked) || checkedProcess,
                                                 Hold::Reserved));
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
  heapEnds(heap);
  platform::Guard guard(processLock);
  CAIRN_ASSERT("heap", heap, heaps[heap->index] == heap, heap->index, heaps[heap->index]);
  __atomic_store_n(&heaps[heap->index], nullptr, __ATOMIC_RELEASE);
  spareIndices[heap->index] = spareIndex;
  spareIndex = heap->index + 1;
  dropCaches(heap);
  forgetGuarded(heap);
  endSamples(heap->base, heap->base + heap->size);
  forgetSeals(heap);
  platform::show(reinterpret_cast<void *>(heap->base), heap->space.frontier() << kGranuleShift);
  platform::notSearched(reinterpret_cast<void *>(heap->base), heap->size);
  // Its records read as "no heap" again.
  char *from = reinterpret_cast<char *>(recordOf(heap->base));
  char *to = reinterpret_cast<char *>(recordOf(heap->recordsTo));
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
  releaseHeap(heap, reinterpret_cast<char *>(heap), true);
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
  size_t bytes = heap->space.purge();
  heap->space.trim();
  return bytes;
}

CAIRN_API size_t cairn_trim_reserve(void) {
  if (Heap *heap = __atomic_load_n(&theDefault, __ATOMIC_ACQUIRE)) {
    // A block that a checked heap holds back may be the last of the region.
    releaseHeldBack(heap);
    cairn_heap_trim(reinterpret_cast<cairn_heap *>(heap));
  }
  platform::Guard guard(processLock);
  size_t bytes = trimTable();
  if (Heap *heap = theDefault) {
    platform::Guard inner(heap->lock);
    __atomic_store_n(&heap->held, 0, __ATOMIC_RELAXED);
    bytes += heap->space.unhold() + heap->sharedRoom.unhold() + heap->checkedRoom.unhold();
  }
  return bytes;
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

//===- raw.cpp - malloc and its family -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "heap/freed.h"
#include "heap/guard.h"
#include "heap/profile.h"
#include "heap/purger.h"
#include "heap/sealed.h"
#include "platform/outside.h"
#include "platform/unwind.h"

namespace cairn {

// Slabs start their slots at multiples of 64.
unsigned alignedClass(size_t n, size_t align) {
  size_t size = (n + align - 1) & ~(align - 1);
  if (align > 64 || size > kMaxSmall || size < n)
    return kClasses;
  unsigned c = classOf(size ? size : align);
  while (c < kClasses && sizeOfClass(c) % align)
    ++c;
  return c;
}

namespace {

void *allocateRawSlot(Heap *heap, unsigned cls) {
  void *p = allocateSlotAny(heap, binOf(kRaw, cls));
  if (CAIRN_LIKELY(p != nullptr))
    markGiven(p);
  return p;
}

/// The block at p, with what MemorySanitizer has to know of it.
void *untouched(const Heap *heap, void *p, size_t n) {
  if (p && CAIRN_UNLIKELY(heap->checked))
    platform::unwritten(p, n);
  return p;
}

void *allocate(Heap *heap, uint64_t n, bool *zero = nullptr) {
  if (zero)
    *zero = false;
  if (n > kMaxSmall)
    return untouched(heap, allocateLarge(heap, kRaw, n, kGranule, zero), size_t(n));
  if (CAIRN_UNLIKELY(heap->checked))
    return untouched(heap, checkedAllocateRaw(heap, {n}, n % 16 ? 8 : 16), size_t(n));
  return allocateRawSlot(heap, classOf(size_t(n)));
}

/// A raw block that was found to be live: a slot, or a large block.
struct Block {
  Heap *heap = nullptr;
  Slab *slab = nullptr;
  unsigned slot = 0;
  uint64_t granule = 0;
};

/// The large block that starts at p, or why there is none. Under the heap's lock.
struct LargeAt {
  uint64_t granule;
  cairn_error_kind error = CAIRN_ERROR_FOREIGN;
  const char *what = nullptr; ///< Null: it is there.
};
LargeAt findLarge(Heap *heap, void *p) {
  LargeAt at;
  at.granule = heap->space.runOf(heap->space.granuleOf(p));
  const Run &run = heap->space.run(at.granule);
  if (!run.used || (!run.slab && run.kind == kHeld))
    at.error = CAIRN_ERROR_DEAD, at.what = "freed already, or never given out";
  else if (run.slab)
    at.what = "never given out";
  else if (run.kind != kRaw)
    at.error = CAIRN_ERROR_KIND, at.what = "an object, not a raw block";
  else if (heap->space.addressOf(at.granule) != reinterpret_cast<uintptr_t>(p))
    at.error = CAIRN_ERROR_INTERIOR, at.what = "inside a block, not its start";
  return at;
}

/// Finds the raw block that starts at p; reports and gives no heap if there is
/// none (see docs/bad-input.md).
Block find(void *p, Place place) {
  Block block;
  if (!place.heap) {
    fail(CAIRN_ERROR_FOREIGN, p, "not a block of any heap");
    return block;
  }
  if (Slab *slab = place.slab) {
    int slot = slotOf(slab, p);
    if (kindOf(slab) != kRaw)
      fail(CAIRN_ERROR_KIND, p, "an object, not a raw block");
    else if (slot == 0 && isDeadGuarded(slab))
      fail(CAIRN_ERROR_DEAD, p, "freed already");
    else if (slot < 0 || unsigned(slot) >= __atomic_load_n(&slab->fresh, __ATOMIC_RELAXED))
      fail(CAIRN_ERROR_FOREIGN, p, "never given out");
    else if (slotAt(slab, unsigned(slot)) != p)
      fail(CAIRN_ERROR_INTERIOR, p, "inside a block, not its start");
    else if (place.heap->checked ? !checkedLive(slab, unsigned(slot))
             : isGuarded(slab)   ? isStacked(slab, p)
                                 : isFreed(slab, p))
      fail(CAIRN_ERROR_DEAD, p, "freed already, or never given out");
    else
      block = {place.heap, slab, unsigned(slot), 0};
    return block;
  }
  LargeAt at;
  {
    platform::Guard guard(place.heap->lock);
    at = findLarge(place.heap, p);
  }
  if (at.what)
    fail(at.error, p, at.what);
  else
    block = {place.heap, nullptr, 0, at.granule};
  return block;
}

/// Bytes from the block's start to its slot's or run's end.
uint64_t extentOf(const Block &block) {
  return block.slab ? block.slab->slotSize
                    : block.heap->space.run(block.granule).length << kGranuleShift;
}

/// What the stamp of a block says; false if it has none.
bool readAnyStamp(const Block &block, const void *p, Stamp &stamp) {
  platform::Unseen unseen;
  if (!block.heap->checked || (block.slab && !hasRedZone(block.slab, block.slot)))
    return false;
  return cairn::readStamp(static_cast<const char *>(p), extentOf(block), stamp);
}
/// Whether it is known to the byte what the block was asked for, and then that.
bool readStamp(const Block &block, const void *p, Stamp &stamp) {
  return readAnyStamp(block, p, stamp) && stamp.code != kUnknownSize;
}

/// Bytes that the program may use.
size_t usableBytes(const Block &block, const void *p) {
  Stamp stamp;
  return size_t(readAnyStamp(block, p, stamp) ? stamp.size : extentOf(block));
}

/// Whether `size` may be what the block was last asked for.
bool sizeFits(const Block &block, const void *p, uint64_t size) {
  if (Stamp stamp; readStamp(block, p, stamp))
    return size == stamp.size;
  if (!block.slab) {
    uint64_t bytes = largeBytes(block.heap, block.granule);
    // A full heap gives runs in the place of slots, of the class's size.
    return size == bytes || (bytes <= kMaxSmall && size < bytes);
  }
  Stamp stamp;
  bool known = readAnyStamp(block, p, stamp);
  if (size > (known ? stamp.size : block.slab->slotSize))
    return false;
  unsigned cls = known ? classOf(size_t(stamp.size)) : classOf(block.slab);
  if (block.heap->coarse && !known)
    return true; // one class serves many
  if (classOf(size_t(size)) == cls)
    return true;
  for (size_t align = 16; align <= 64; align *= 2)
    if (alignedClass(size_t(size), align) == cls)
      return true;
  return false;
}

/// The common way: a live block of a slab, of the caller's or of another thread's. False if
/// it is not sure to be one.
CAIRN_FAST bool freeInSlab(void *p, const uint64_t *size) {
  if (!addressHasRecord(p))
    return false;
  Slab *slab = fast::slabOf(p);
  if (__atomic_load_n(&slab->role, __ATOMIC_ACQUIRE) != kSlabRole || kindOf(slab) != kRaw)
    return false;
  if (size && (*size > kMaxSmall || fast::classFor(*size) != classOf(slab)))
    return false;
  uint64_t slot =
      exactSlot(slab, uint32_t(reinterpret_cast<uintptr_t>(p) - slab->base - slab->start));
  if (slot >= __atomic_load_n(&slab->fresh, __ATOMIC_RELAXED))
    return false;
  uintptr_t owner = __atomic_load_n(&slab->owner, __ATOMIC_RELAXED);
  if (!owner && slab->shared->heap->checked)
    return false;
  if (isFreed(slab, p))
    return false;
  markFreed(slab, p);
  if (owner == fast::self() + kRaw) {
    fast::stow(slab, slab->stack, p);
    return true;
  }
  freeRemote(slab, p, unsigned(slot));
  return true;
}

constexpr const char *kWrongSize = "freed with a size that the block does not have";

/// Finds and frees a large block under one lock.
void freeLargeAt(Heap *heap, void *p, const uint64_t *size) {
  LargeAt at;
  bool fits;
  {
    platform::Guard guard(heap->lock);
    at = findLarge(heap, p);
    fits = !at.what && (!size || sizeFits({heap, nullptr, 0, at.granule}, p, *size));
    if (fits && !heap->checked)
      giveLarge(heap, at.granule);
    else if (fits && !unsealRun(heap, at.granule)) // lost: it stays sealed
      return;
  }
  if (fits && heap->checked) {
    inspectBlock(static_cast<char *>(p), extentOf({heap, nullptr, 0, at.granule}));
    if (at.granule == kFirstGranule)
      inspectGap(heap, static_cast<char *>(p), kGranule);
    platform::Guard guard(heap->lock);
    at = findLarge(heap, p); // a handler may have freed it
    if (!at.what)
      holdLarge(heap, at.granule);
  }
  if (at.what) // a handler may allocate
    fail(at.error, p, at.what);
  else if (!fits)
    fail(CAIRN_ERROR_SIZE, p, kWrongSize);
  if (heap->checked)
    reportWriteAfterFree(heap);
  startPurgerInFree();
}

/// A block of another thread's, of a large or a checked heap, or none.
void freeOther(void *p, const uint64_t *size) {
  Place place = locate(p);
  if (place.heap && !place.slab) {
    freeLargeAt(place.heap, p, size);
    return;
  }
  Block block = find(p, place);
  if (!block.heap)
    return;
  if (size && !sizeFits(block, p, *size))
    fail(CAIRN_ERROR_SIZE, p, kWrongSize);
  else if (block.heap->checked)
    checkedFree(block.slab, block.slot, p);
  else if (isGuarded(block.slab))
    freeGuarded(block.slab, p);
  else {
    markFreed(block.slab, p);
    freeSlot(block.slab, p);
  }
}

CAIRN_FAST void free(void *p, const uint64_t *size) {
  if (!p || CAIRN_LIKELY(freeInSlab(p, size)))
    return;
  noteCaller();
  freeOther(p, size);
}

/// What is wrong with how an operator delete was called for the block; null if nothing is.
const char *wrongDelete(const Block &block, const void *p, const Deleted &by) {
  Stamp stamp;
  if (!readStamp(block, p, stamp))
    return nullptr;
  unsigned form = stamp.code & kFormCode;
  if (form && by.form && form != by.form)
    return form == kFromNew ? "allocated by operator new, deleted by operator delete[]"
                            : "allocated by operator new[], deleted by operator delete";
  if ((stamp.code & kAlignCode) == (by.align ? alignCode(by.align) : kPlainBlock))
    return nullptr;
  return by.align ? "deleted with an alignment that it was not allocated with"
                  : "allocated with an alignment, deleted without one";
}

void *alignedAllocate(Heap *heap, size_t align, size_t n) {
  if (align == 0 || (align & (align - 1)) || align > kMostAlign || !heap)
    return nullptr;
  if (align <= 8 && n <= kMaxSmall)
    return allocate(heap, n);
  if (heap->checked)
    return untouched(heap, checkedAllocateRaw(heap, {n}, align), n);
  unsigned c = alignedClass(n, align);
  if (c < kClasses) {
    // A full heap may give a run in a slot's place: it is aligned as well.
    return allocateRawSlot(heap, c);
  }
  return untouched(heap, allocateLarge(heap, kRaw, n, align < kGranule ? kGranule : align), n);
}

void *zeroAllocate(Heap *heap, size_t count, size_t size) {
  size_t n;
  if (!heap || __builtin_mul_overflow(count, size, &n))
    return nullptr;
  bool zero;
  void *p = allocate(heap, n, &zero);
  if (p && !zero)
    __builtin_memset(p, 0, n);
  if (p)
    platform::written(p, n);
  return p;
}

} // namespace

void freeAs(void *p, const uint64_t *size, const Deleted *by) {
  noteCaller();
  if (by && defaultHeap() && defaultHeap()->checked) {
    Block block = find(p, locate(p));
    if (!block.heap)
      return;
    if (const char *what = wrongDelete(block, p, *by)) {
      fail(CAIRN_ERROR_SIZE, p, what);
      return;
    }
  }
  free(p, size);
}

/// The fast path where it may be taken, for callers without the plugin.
void *allocateSlotAny(Heap *heap, unsigned bin) {
  if (CAIRN_UNLIKELY(heap->checked))
    return checkedAllocate(heap, bin);
  if (CAIRN_UNLIKELY(heap->exposed)) // its lists are looked at there
    return allocateSlot(heap, bin);
  Bins *bins = heap == defaultHeap() ? fast::bins() : fast::binsOf(heap);
  void *link = fast::pop(bins, bin);
  return CAIRN_LIKELY(link != nullptr) ? link : allocateSlot(heap, bin);
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_COLD void *cairn_rt_malloc_large(uint64_t size, void *heap) {
  noteCaller();
  Heap *h = orDefault(heap);
  return h ? untouched(h, allocateLarge(h, kRaw, size, kGranule), size_t(size)) : nullptr;
}

CAIRN_COLD void cairn_rt_free(void *p) {
  CAIRN_NO_EXCEPTION;
  cairn::free(p, nullptr);
}
/// A block for which there was no room on the stack, most often.
CAIRN_COLD void cairn_rt_free_own(void *p) {
  CAIRN_NO_EXCEPTION;
  if (CAIRN_UNLIKELY(!fast::push(p, kRaw))) {
    if (CAIRN_UNLIKELY(__atomic_load_n(&profileRate, __ATOMIC_RELAXED)))
      noteOwnFree(p);
    cairn::free(p, nullptr);
  }
}

CAIRN_COLD void cairn_rt_free_sized(void *p, uint64_t size) {
  CAIRN_NO_EXCEPTION;
  cairn::free(p, &size);
}

CAIRN_API void *cairn_malloc(size_t n) {
  if (CAIRN_LIKELY(n <= kMaxSmall))
    if (void *p = fast::pop(fast::bins(), fast::RawBin(n))) {
      markGiven(p);
      return p;
    }
  noteCaller();
  Heap *heap = defaultHeap();
  return heap ? allocate(heap, n) : nullptr;
}

CAIRN_API void *cairn_heap_malloc(cairn_heap *heap, size_t n) {
  noteCaller();
  Heap *h = orDefault(heap);
  return h ? allocate(h, n) : nullptr;
}

CAIRN_API void *cairn_calloc(size_t count, size_t size) {
  noteCaller();
  return zeroAllocate(defaultHeap(), count, size);
}

CAIRN_API void *cairn_heap_calloc(cairn_heap *heap, size_t count, size_t size) {
  noteCaller();
  return zeroAllocate(orDefault(heap), count, size);
}

CAIRN_API void *cairn_aligned_alloc(size_t align, size_t n) {
  noteCaller();
  return alignedAllocate(defaultHeap(), align, n);
}

CAIRN_API void *cairn_heap_aligned_alloc(cairn_heap *heap, size_t align, size_t n) {
  noteCaller();
  return alignedAllocate(orDefault(heap), align, n);
}

CAIRN_API void cairn_free(void *p) { cairn::free(p, nullptr); }

CAIRN_API void cairn_free_sized(void *p, size_t n) {
  uint64_t size = n;
  cairn::free(p, &size);
}

CAIRN_API size_t cairn_usable_size(const void *p) {
  noteCaller();
  if (!p)
    return 0;
  void *at = const_cast<void *>(p);
  Block block = find(at, locate(at));
  if (!block.heap)
    return 0;
  return usableBytes(block, at);
}

CAIRN_API void *cairn_realloc(void *p, size_t n) {
  noteCaller();
  if (!p)
    return cairn_malloc(n);
  Block block = find(p, locate(p));
  if (!block.heap)
    return nullptr;
  size_t old = usableBytes(block, p); // not only what was asked for, where more may be used
  if (block.slab) {
    // Stay where the size's own class is this slot's, so that a sized free of n is
    // right afterwards.
    if (n <= kMaxSmall && sizeFits(block, p, n) && n > old / 2)
      return p;
  } else {
    if (n > kMaxSmall && resizeLarge(block.heap, block.granule, n)) {
      if (n > old)
        untouched(block.heap, static_cast<char *>(p) + old, n - old);
      return p;
    }
  }
  void *q = allocate(block.heap, n);
  if (!q)
    return nullptr;
  __builtin_memcpy(q, p, old < n ? old : n);
  cairn::free(p, nullptr);
  return q;
}

} // extern "C"

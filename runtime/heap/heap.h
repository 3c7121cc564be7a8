//===- heap.h - Heaps, their caches and threads -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   Heap    one region, its runs (Space), its orphaned slabs, its handlers
//   Cache   what one thread owns in one heap: for each bin a stack of slots, the slab
//           in hand that it is filled from, and ready slabs; full slabs
//   Thread  one per thread: its cache of the default heap, where inlined code
//           finds it, and a look-up of its other caches
//
// All three lie outside every region. Locks, outermost first: the process's
// (threads, heaps), a cache's, a heap's. The owner of a cache takes its lock on
// slow paths only; another thread takes it to wake a slab or to reclaim it.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_HEAP_H
#define CAIRN_HEAP_HEAP_H

#if defined(__wasm__)
#include "wasm/heap.h" // the same for objects, in one thread
#else

#include "heap/backend.h"
#include "heap/slab.h"
#include "heap/space.h"
#include "heap/table.h"
#include "platform/biased_mutex.h"

namespace cairn {

struct Thread;
struct Quarantine;
struct SampledCache;

/// What a run's `kind` is when its block was freed and waits (heap/checked.h).
constexpr unsigned kHeld = kKinds;

struct SlabList {
  Shared *head = nullptr; ///< Written atomically: whether there is one is asked without a lock.
  void push(Shared *s) {
    s->prev = nullptr;
    s->next = head;
    if (head)
      head->prev = s;
    setHead(s);
  }
  void remove(Shared *s) {
    if (s->prev)
      s->prev->next = s->next;
    else
      setHead(s->next);
    if (s->next)
      s->next->prev = s->prev;
  }
  void setHead(Shared *s) { __atomic_store_n(&head, s, __ATOMIC_RELAXED); }
};

struct alignas(64) Cache {
  platform::BiasedMutex lock;
  Heap *heap;     ///< Null when it is gone.
  Thread *thread; ///< Null while no thread uses it. Written under processLock.
  Bins *bins;     ///< In the thread's view for the default heap, else `own`.
  Cache *nextInHeap;
  Cache *nextInThread;
  uint64_t slowPaths;
  uint64_t restAt;    ///< A rest (reclaim.cpp) is worth its cost once slowPaths is that.
  uint64_t restAfter; ///< Slow paths between the last two rests; 0 before the first.
  SlabList full;
  uint8_t woken[kBins];  ///< Slabs that spent their credit since the stack was filled.
  bool filled[kBins];    ///< Whether the stack was filled since drainUnused() last looked.
  bool usedUp[kBins];    ///< Whether a slab of the bin was, since the thread began.
  unsigned sinceLook;    ///< Slow allocations since drainUnused() last looked.
  bool stackless[kBins]; ///< Runs served as its slots: it has no stack, for a stack
                         ///< gives slots out again unseen (cairn_rt_free_own).
  uint32_t untilGuard;   ///< Slow allocations up to the next guarded one; 0: not drawn yet.
  uint32_t guardRandom;
  SampledCache *sampler; ///< Of a cache that is, or was, sampled (heap/profile.h); else null.
  SlabList ready[kBins];
  Bins own;

  uintptr_t self(Kind kind) const;
};

/// Of a heap that lets some of its blocks live alone (heap/guard.h). Changed under its lock.
struct Guards {
  uint32_t every;               ///< About one in so many slow allocations; 0: none.
  uint32_t most, made;          ///< Units that it may have, and has.
  uint32_t firstDead, lastDead; ///< Numbers of records, the longest dead first; 0: none.
  bool startsPage;              ///< The next block lies at the start of its page.
};

/// When a large block is the next sample of the heap profile (heap/profile.h). Under the heap's
/// lock.
struct LargeSamples {
  uint64_t rate, random;
  double left; ///< Bytes.
};

struct alignas(platform::kPage) Heap {
  uintptr_t base;
  size_t held; ///< `size`, or 0 if others may come to lie in the region: HeapBounds::bytes.
  size_t size;
  const char *name;
  uint32_t index; ///< In the list of heaps.
  bool checked;
  bool coarse;  ///< A small heap: pages for slabs, and eight size classes (powers of two).
  bool exposed; ///< The program can write anywhere in the region: believe nothing in it.
  size_t recordBytes;
  uintptr_t recordsTo; ///< Addresses from `base` to here have records that were written.

  platform::BiasedMutex lock;
  Space space;
  Cache *caches; ///< Every cache ever made for it; only grows.
  SlabList orphans[kBins];
  bool wellUsed[kBins]; ///< The last thread that ended had used up a slab, or half of one.
  Shared *shared;       ///< By unit, or by page in a coarse heap.
  Extent sharedRoom, checkedRoom;
  Slab *pages; ///< Coarse heaps: the records of its pages.
  Guards guards;
  LargeSamples largeSamples;
  /// A cache that no thread has: of all slabs in a checked heap, of those of samples in others
  /// (heap/profile.h). Null in others before the first sample.
  Cache *central;

  void *badLink; ///< Met in a free list, still to be reported.

  cairn_oom_handler oom;
  void *oomContext;
  // Checked heaps only (heap/checked.h).
  Quarantine *quarantine;
  uint64_t *origins;    ///< A word for each kMinSmall bytes of the region (heap/origin.h).
  uint64_t freshPoison; ///< What its blocks' words have in common (heap/poison.h).

  /// A default heap that reserves nothing has only a part of its region: that counts.
  bool contains(const void *p) const {
    return reinterpret_cast<uintptr_t>(p) - base < space.mapped();
  }
};

static_assert(offsetof(Heap, base) == offsetof(HeapBounds, base) &&
              offsetof(Heap, held) == offsetof(HeapBounds, bytes));

/// A thread's caches by their heaps' addresses: open addressing, at most half full. A cache
/// whose heap is gone stays until the table is made anew. Its memory is never given back.
struct CacheTable {
  Cache **entries;
  uint32_t size; ///< A power of two, or 0.
  uint32_t used;
};

/// Where the calls of a thread come from (heap/origin.h).
struct Note {
  CheckSite *site = nullptr;
  const void *returns = nullptr;
  const cairn_type *type = nullptr;
  const void *holder = nullptr; ///< The object whose fields are looked at now.
  unsigned number = 0;          ///< Of the site, once it was asked for (siteOf).
  bool held = false;            ///< What the runtime calls meanwhile is no other place.
};

struct Thread {
  ThreadView view; ///< First: cairn_rt_tls points here.
  Cache *home;     ///< The default heap's cache.
  Cache *caches;
  CacheTable table;
  uint32_t dead;     ///< Caches whose heaps are gone. Under processLock.
  Thread *next;      ///< In the list of unused ones.
  uintptr_t pointer; ///< What Slab::owner holds for its slabs.
  unsigned number;   ///< heap/origin.h, as the next.
  Note note;
  bool capturing; ///< Its stack is being looked at, for which memory may be allocated.
  /// For the layer above, which alone knows what it holds. Zero when a thread begins.
  alignas(16) char above[1040];
};

inline uintptr_t Cache::self(Kind kind) const { return thread->pointer + kind; }

//===- heap.cpp: making, finding, destroying ------------------------------===//

} // namespace cairn
/// The default heap's record.
extern "C" cairn::Heap cairn_default_heap_object;
namespace cairn {
/// The heap that is meant: code bound statically may name the default one before it
/// is made.
inline Heap *orDefault(void *heap) {
  return heap && heap != &cairn_default_heap_object ? static_cast<Heap *>(heap) : defaultHeap();
}
/// heapOf() takes processLock.
/// Memory as from metadata(bytes), at a multiple of `align`.
void *metadata(size_t bytes, size_t align);
/// What a heap's record takes of its mapping, before the records that it has of its region.
constexpr size_t kHeapBytes = (sizeof(Heap) + platform::kPage - 1) & ~(platform::kPage - 1);
/// Something that is called with the bounds of memory of the runtime's own, in which words may be
/// addresses of blocks that the program has lost.
struct OwnMemory {
  void (*call)(void *context, uintptr_t from, uintptr_t to);
  void *context;
  void operator()(uintptr_t from, uintptr_t to) const { call(context, from, to); }
};
/// All that metadata() takes its memory from: stacks of free slots keep what was taken from them.
void eachMetadata(const OwnMemory &each);
/// Around fork: the lock of metadata().
void lockMetadata();
void unlockMetadata();
/// Makes all of a region readable and writable, for who looks at it as a whole; false if
/// the system refuses.
bool exposeRegion(Heap *heap);
extern platform::Mutex processLock;

//===- thread.cpp ---------------------------------------------------------===//

extern Slab noSlab;      ///< What a bin without a slab in hand points to.
extern void *noStack[1]; ///< And the one word of a bin without a stack: null.
inline constexpr SlotStack kNoStack = {noStack, noStack + 1};
extern ThreadView noThread; ///< What every thread starts with.
CAIRN_COLD Thread *startThread();
/// The calling thread's record; null before the first use. May be called under any lock.
inline Thread *knownThread() {
  ThreadView *view = cairn_rt_tls;
  return CAIRN_UNLIKELY(view == &noThread) ? nullptr : reinterpret_cast<Thread *>(view);
}
/// The same, made on first use; null when out of memory.
inline Thread *currentThread() {
  if (Thread *thread = knownThread(); CAIRN_LIKELY(thread != nullptr))
    return thread;
  return startThread();
}
/// The calling thread's cache of a heap; null when out of memory.
Cache *cacheOf(Heap *heap);
/// Makes a cache that belongs to no thread yet. Under processLock.
Cache *makeCache(Heap *heap);
void resetBins(Bins *bins);
/// Takes a heap that is going away from every thread. Under processLock.
void dropCaches(Heap *heap);
/// Registers what runs around fork: the child finds every lock free, and the slabs of the
/// threads that it does not have become orphans. To be called once.
void watchForks();

//===- origin.cpp: where calls come from ------------------------------------===//

extern bool anyChecked; ///< Whether there is, or was, a checked heap.
/// Whether calls note where they come from: there is, was or will be a checked heap, or one with
/// guarded blocks.
extern bool notesCallers;
CAIRN_COLD void setCaller(const void *returns);
/// The type of what the calling thread is about to make; null if it has none.
void setType(const cairn_type *type);
CAIRN_FAST void noteType(const cairn_type *type) {
  if (CAIRN_UNLIKELY(__atomic_load_n(&notesCallers, __ATOMIC_RELAXED)))
    setType(type);
}
/// The calling function, which is inlined into one that the program calls, may make or release
/// something. Off the fast paths only.
CAIRN_FAST void noteCaller() {
  if (CAIRN_UNLIKELY(__atomic_load_n(&notesCallers, __ATOMIC_RELAXED)))
    setCaller(__builtin_return_address(0));
}

//===- stack.cpp: the stacks that inlined code allocates from ---------------===//

/// A stack without room. A slab points to it when its freed slots may go onto no stack.
extern SlotStack fullStack;
/// The stack for a bin that slabs of this cache point to; `fullStack` where blocks come
/// back by the cold path.
SlotStack *stackOf(Cache *cache, unsigned bin);
/// Under the cache's lock, with an empty stack: makes it, or doubles it. False where
/// there is none.
bool growStack(Cache *cache, unsigned bin);
/// The memory of a stack goes to others, and what it held is forgotten.
void giveStack(SlotStack *stack);
/// The thread's second stack of a bin, for what is freed while it is sampled (heap/profile.h); null
/// if it has none.
SlotStack *freedStackOf(const Cache *cache, unsigned bin);
/// As growStack(), of the second one, of a cache that is sampled.
bool growFreed(Cache *cache, unsigned bin);
/// Around fork: the lock of the memory of stacks.
void lockStacks();
void unlockStacks();
/// Takes the slot from the top of a stack; null if the stack is empty. In a heap that the program
/// can write into, what lies there may be no free slot: then it is lost, `bad` is set to it, and
/// the result is null as well.
void *popSound(const Heap *heap, SlotStack *stack, void *&bad);
/// Under the cache's lock, and not while its thread may allocate: empties a stack, or all
/// of them, into the slabs' lists, and gives its memory to others. True if it held
/// something.
bool drain(Cache *cache, unsigned bin);
bool drainAll(Cache *cache);
/// The same for stacks that were not filled since the last call.
void drainUnused(Cache *cache);
/// After so many slow allocations, a thread looks for such stacks.
constexpr unsigned kLookAt = 512;
/// Calls f with each stack of the cache that may hold slots of the slab.
template <typename F> void eachStack(const Cache *cache, const Slab *slab, F f) {
  unsigned bin = slab->bin;
  f(&cache->bins->stacks[bin]);
  if (const SlotStack *freed = freedStackOf(cache, bin))
    f(freed);
  // In a small heap one slab serves several classes.
  for (size_t half = sizeOfClass(bin % kClasses) / 2;
       cache->heap->coarse && bin % kClasses && sizeOfClass(bin % kClasses - 1) > half;)
    f(&cache->bins->stacks[--bin]);
}

//===- cache.cpp: slots from slabs ------------------------------------------===//

/// A slot of this bin as its link address; null when the heap is full.
void *allocateSlot(Heap *heap, unsigned bin);
/// The same from a given cache, under its lock.
void *takeSlot(Cache *cache, unsigned bin);
// allocateSlotAny(), from any heap, checked or not, by its fast path first: raw.cpp
/// A run of granules that serves as a slot of this bin, where no slab is to be had. Its link
/// address; null when the heap is full.
void *allocateRun(Heap *heap, unsigned bin);
/// Reports a corrupt free list that was met meanwhile. Under no lock.
void reportBadLink(Heap *heap);

//===- free.cpp: slots that come back ---------------------------------------===//

/// The class whose slots hold n bytes at multiples of `align`; kClasses if none (raw.cpp).
unsigned alignedClass(size_t n, size_t align);
/// A free of a slot, known to be exact, from any thread.
void freeSlot(Slab *slab, void *link);
/// The same of slot `index` of a slab that is not the caller's.
void freeRemote(Slab *slab, void *link, unsigned index);
/// Under the cache's lock: a slab of its own, in no hand, spent its credit. True if
/// no slot of it is live and it was taken out of its list.
bool creditSpent(Cache *cache, Slab *slab);

//===- reclaim.cpp: slabs and threads that end ------------------------------===//

/// Gives a slab without live slots, in no list, back to the region. The heap's
/// lock must be free.
void releaseSlab(Slab *slab);
/// Gives every slab of a cache to its heap. `walk`: count what is free, since its
/// owner may have stopped anywhere (fork).
void orphanAll(Cache *cache, bool walk);
/// Empties the caller's stacks, and releases slabs with no live slot, of every cache; true
/// if anything came free by that.
bool reclaim(Heap *heap);
/// The calling thread is likely to leave its blocks to others, and to wait: of the default heap
/// it gives up its stacks and slabs in hand, so that each slab is released when its last block
/// is freed by whichever thread. It may allocate again at any time, and finds them still its own.
void rest();
/// Free slots of a slab, which nobody may allocate from or free into meanwhile.
unsigned countFree(const Slab *slab);

//===- large.cpp: blocks over kMaxSmall -----------------------------------===//

/// Whether it looks at each operation (checked.h).
inline bool isChecked(const Heap *heap) { return heap->checked; }

// allocateLarge(): backend.h
void freeLarge(Heap *heap, uint64_t granule);
/// The same under the heap's lock; startPurgerInFree() is to follow.
void giveLarge(Heap *heap, uint64_t granule);
/// Has the block hold `bytes`, over kMaxSmall, where it is; false if there is no room.
bool resizeLarge(Heap *heap, uint64_t granule, uint64_t bytes);
uint64_t largeBytes(const Heap *heap, uint64_t granule); ///< asked for

//===- locate.cpp: from an address to what lies there ---------------------===//

struct Place {
  Heap *heap; ///< Null: foreign.
  Slab *slab; ///< Null: not in a slab.
};
/// The record of the slab that p lies in; null if it lies in none, or in a small heap's.
inline Slab *slabAt(const void *p) {
  if (!addressHasRecord(p))
    return nullptr;
  Slab *s = fast::slabOf(p);
  return CAIRN_LIKELY(__atomic_load_n(&s->role, __ATOMIC_ACQUIRE) == kSlabRole) ? s : nullptr;
}
Place locateOther(const void *p); ///< Where there is no such record.
inline Place locate(const void *p) {
  Slab *s = slabAt(p);
  return CAIRN_LIKELY(s != nullptr) ? Place{s->shared->heap, s} : locateOther(p);
}
/// The record of the page of a small heap that p lies in, by its unit's (kSplitRole).
inline Slab *pageRecord(const Slab *unit, const void *p) {
  return static_cast<Slab *>(unit->free) +
         (reinterpret_cast<uintptr_t>(p) - unit->base) / platform::kPage;
}
/// The used large block that p lies in; Space::kNone if it lies in none.
uint64_t largeAt(Heap *heap, const void *p);

inline size_t slotBytes(const void *link, unsigned cls) {
  Slab *slab = locate(link).slab;
  return slab ? slab->slotSize : sizeOfClass(cls);
}

} // namespace cairn

#endif // threads
#endif // CAIRN_HEAP_HEAP_H

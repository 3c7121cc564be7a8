//===- thread.cpp - A thread's record and its caches -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Records are made on a thread's first slow path, and outlive it for the next
// thread: a slab may be on its way to a cache whose thread has just ended.
//
//===----------------------------------------------------------------------===//

#include "heap/origin.h"
#include "heap/profile.h"
#include "heap/purger.h"
#include "heap/samples.h"
#include "heap/trace.h"
#include "heap/validate.h"
#include "platform/file.h"

namespace cairn {

constinit Slab noSlab = {};
constinit void *noStack[1] = {};

namespace {
constexpr ThreadView emptyView() {
  ThreadView view = {};
  for (SlotStack &stack : view.cache.stacks)
    stack = kNoStack;
  for (Slab *&slab : view.cache.hand)
    slab = &noSlab;
  for (auto &entry : view.lookup)
    entry.bins = &noThread.cache;
  return view;
}
Thread *unused; ///< Under processLock.
/// So many caches without a heap may wait in a thread.
constexpr uint32_t kFewDead = 16;
Cache *spare; ///< Caches of no heap and no thread. Under processLock.
} // namespace

/// Each list is empty, and each look-up misses, or finds empty lists for a null heap.
constinit ThreadView noThread = emptyView();

} // namespace cairn

extern "C" {
CAIRN_API CAIRN_TLS cairn::ThreadView *cairn_rt_tls = &cairn::noThread;
}

namespace cairn {

/// The stacks of bins that no thread uses, and whose slots are gone, go to others.
static void giveStacks(Bins *bins) {
  for (SlotStack &stack : bins->stacks)
    giveStack(&stack);
}

void resetBins(Bins *bins) {
  for (SlotStack &stack : bins->stacks)
    stack = kNoStack;
  for (Slab *&slab : bins->hand)
    slab = &noSlab;
}

namespace {

auto &lookupOf(Thread *thread, Heap *heap) {
  return thread->view.lookup[(reinterpret_cast<uintptr_t>(heap) >> kHeapAlign) % kLookups];
}

/// Lets inlined code find the cache by its heap's address.
void remember(Thread *thread, Heap *heap, Cache *cache) {
  auto &entry = lookupOf(thread, heap);
  entry.bins = cache->bins;
  __atomic_store_n(&entry.heap, heap, __ATOMIC_RELAXED);
}

void makeSpare(Cache *cache) {
  giveStacks(&cache->own);
  cache->nextInThread = spare;
  spare = cache;
}

Cache **placeOf(CacheTable &table, uintptr_t heap) {
  uint64_t hash = (uint64_t(heap) >> kHeapAlign) * 0x9e3779b97f4a7c15u;
  return &table.entries[(hash >> 32) & (table.size - 1)];
}

/// The thread's cache of a heap; null if it has none.
Cache *findCache(Thread *thread, Heap *heap) {
  CacheTable &table = thread->table;
  if (!table.size)
    return nullptr;
  Cache **end = table.entries + table.size;
  Cache **at = placeOf(table, reinterpret_cast<uintptr_t>(heap));
  for (; Cache *c = *at; at = at + 1 == end ? table.entries : at + 1)
    if (__atomic_load_n(&c->heap, __ATOMIC_RELAXED) == heap)
      return c;
  return nullptr;
}

void enter(CacheTable &table, Cache *cache) {
  Cache **end = table.entries + table.size;
  Cache **at = placeOf(table, reinterpret_cast<uintptr_t>(cache->heap));
  while (*at)
    at = at + 1 == end ? table.entries : at + 1;
  *at = cache;
  ++table.used;
}

/// Enters the thread's caches but the home one anew, in a table with room for one more; false
/// when out of memory. Under processLock.
bool rebuild(Thread *thread) {
  CacheTable &table = thread->table;
  uint32_t live = 1, size = table.size ? table.size : kLookups;
  for (Cache *c = thread->caches; c; c = c->nextInThread)
    ++live;
  while (size < live * 4)
    size *= 2;
  if (size != table.size) {
    auto **entries = static_cast<Cache **>(metadata(size * sizeof(Cache *)));
    if (!entries)
      return false;
    table.entries = entries;
    table.size = size;
  }
  __builtin_memset(table.entries, 0, table.size * sizeof(Cache *));
  table.used = 0;
  for (Cache *c = thread->caches; c; c = c->nextInThread)
    if (c != thread->home)
      enter(table, c);
  return true;
}

/// A thread has ended: its slabs go to their heaps, its records to the next thread.
/// Under processLock: another thread may destroy a heap now.
void retire(Thread *thread) {
  threadEnds(thread->number);
  for (Cache *c = thread->caches; c; c = c->nextInThread)
    if (c->heap)
      orphanAll(c, false);
  while (Cache *c = thread->caches) {
    thread->caches = c->nextInThread;
    __atomic_store_n(&c->thread, nullptr, __ATOMIC_RELAXED);
    if (!c->heap)
      makeSpare(c);
  }
  thread->dead = 0;
  if (thread->table.size)
    __builtin_memset(thread->table.entries, 0, thread->table.size * sizeof(Cache *));
  thread->table.used = 0;
  giveStacks(&thread->view.cache);
  thread->next = unused;
  unused = thread;
}

/// The calling thread ends.
void endThread(void *arg) {
  cairn_rt_tls = &noThread;
  platform::Guard guard(processLock);
  retire(static_cast<Thread *>(arg));
}

/// Retires the thread that had the caller's pointer before, if it ended unseen: it used
/// the heap in the last round of its keys' destructors. Under processLock.
void retireUnseen(Heap *heap) {
  uintptr_t self = fast::self();
  for (Cache *c = heap->caches; c; c = c->nextInHeap)
    if (c->thread && c->thread->pointer == self) {
      retire(c->thread);
      return;
    }
}

/// Caches of heaps that are gone serve again, once there are as many as others: that is
/// constant for each heap. Makes room in the table for one more. Under processLock.
bool makeRoom(Thread *thread) {
  if (thread->dead > kFewDead && thread->dead >= thread->table.used / 2) {
    for (Cache **at = &thread->caches; Cache *c = *at;) {
      if (c->heap) {
        at = &c->nextInThread;
        continue;
      }
      *at = c->nextInThread;
      makeSpare(c);
    }
    thread->dead = 0;
  } else if ((thread->table.used + 1) * 2 <= thread->table.size) {
    return true;
  }
  return rebuild(thread);
}

/// Gives the thread a cache of the heap: one that no thread uses, or a new one.
Cache *attach(Thread *thread, Heap *heap, bool home) {
  platform::Guard guard(processLock);
  if (!home && !makeRoom(thread))
    return nullptr;
  Cache *cache = nullptr;
  if (!home) // the default heap's caches stay with their thread's record
    for (Cache *c = heap->caches; c && !cache; c = c->nextInHeap)
      if (!c->thread && c != heap->central)
        cache = c;
  if (!cache && !(cache = makeCache(heap)))
    return nullptr;
  cache->bins = home ? &thread->view.cache : &cache->own;
  cache->nextInThread = thread->caches;
  thread->caches = cache;
  __atomic_store_n(&cache->thread, thread, __ATOMIC_RELAXED);
  if (!home) {
    enter(thread->table, cache);
    validateAtTimes(thread);
  }
  return cache;
}

} // namespace

CAIRN_COLD Thread *startThread() {
  Heap *heap = defaultHeap();
  if (!heap)
    return nullptr;
  Thread *thread;
  {
    platform::Guard guard(processLock);
    retireUnseen(heap);
    thread = unused;
    if (thread)
      unused = thread->next;
    else if (!(thread = static_cast<Thread *>(metadata(sizeof(Thread)))))
      return nullptr;
    thread->view = noThread;
    thread->pointer = fast::self();
    thread->number = numberThread();
    thread->note = Note();
    thread->capturing = false;
    __builtin_memset(thread->above, 0, sizeof(thread->above));
    if (thread->home) {
      __atomic_store_n(&thread->home->thread, thread, __ATOMIC_RELAXED);
      thread->home->nextInThread = nullptr;
      thread->caches = thread->home;
    }
  }
  if (!thread->home && !(thread->home = attach(thread, heap, true))) {
    platform::Guard guard(processLock);
    thread->next = unused;
    unused = thread;
    return nullptr;
  }
  cairn_rt_tls = &thread->view;
  platform::atThreadEnd(endThread, thread);
  return thread;
}

Cache *makeCache(Heap *heap) {
  Cache *cache = spare;
  if (cache)
    spare = cache->nextInThread;
  else if (!(cache = static_cast<Cache *>(metadata(sizeof(Cache)))))
    return nullptr;
  SampledCache *sampler = cache->sampler; // its memory is never given back
  *cache = Cache();
  if (sampler) {
    sampler->rate = 0;
    sampler->last = nullptr;
    giveStacks(sampler);
    cache->sampler = sampler;
  }
  cache->heap = heap;
  cache->bins = &cache->own;
  resetBins(&cache->own);
  cache->nextInHeap = heap->caches;
  __atomic_store_n(&heap->caches, cache, __ATOMIC_RELEASE);
  return cache;
}

void dropCaches(Heap *heap) {
  for (Cache *next, *c = heap->caches; c; c = next) {
    next = c->nextInHeap;
    __atomic_store_n(&c->heap, nullptr, __ATOMIC_RELAXED);
    if (!c->thread) {
      makeSpare(c);
      continue;
    }
    // The thread lives: the cache stays in its list, where no heap matches it.
    ++c->thread->dead;
    const void *mine = heap;
    const void *none = reinterpret_cast<void *>(1); // null has a meaning: see emptyView
    __atomic_compare_exchange_n(&lookupOf(c->thread, heap).heap, &mine, none, false,
                                __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }
}

Cache *cacheOf(Heap *heap) {
  Thread *thread = currentThread();
  if (!thread || heap == defaultHeap())
    return thread ? thread->home : nullptr;
  auto &entry = lookupOf(thread, heap);
  if (__atomic_load_n(&entry.heap, __ATOMIC_RELAXED) == heap) {
    auto *found = reinterpret_cast<Cache *>(reinterpret_cast<char *>(entry.bins) -
                                            __builtin_offsetof(Cache, own));
    CAIRN_ASSERT("look-up of caches", &entry, found->heap == heap && found->thread == thread, found,
                 found->heap, heap, found->thread, thread);
    return found;
  }
  Cache *cache = findCache(thread, heap);
  if (!cache && !(cache = attach(thread, heap, false)))
    return nullptr;
  remember(thread, heap, cache);
  return cache;
}

//===----------------------------------------------------------------------===//
// fork: the child has one thread. The slabs of the others become orphans, so that
// their blocks can be freed and their free slots used.
//
// The streams come first (docs/decisions/0008-reserve-and-fork.md). Handlers of others that run
// between beforeFork and the calls after it find every lock theirs (platform::forkHolder):
// the heap was at rest when it was locked.
//
// A process with one thread locks nothing, as the C library does: a signal handler that forks may
// have interrupted that thread under these locks, and nobody else can hold them.
//===----------------------------------------------------------------------===//

namespace {
template <typename F> void eachCache(F f) {
  for (uint32_t i = 0; i < heapCount(); ++i)
    if (Heap *heap = heapAt(i))
      for (Cache *c = heap->caches; c; c = c->nextInHeap)
        f(c);
}
template <typename F> void eachHeap(F f) {
  for (uint32_t i = 0; i < heapCount(); ++i)
    if (Heap *heap = heapAt(i))
      f(heap);
}
bool forksAlone; ///< From beforeFork to the calls after it: the process has one thread.

void beforeFork() {
  forksAlone = platform::hasOneThread();
  if (forksAlone)
    return;
  holdCaptures();
  platform::lockStreams();
  processLock.lock();
  // Threads take the lock of samples' slabs inside of that of their cache (drain).
  eachCache([](Cache *c) { hasSamples(c) ? void() : c->lock.lockForFork(); });
  eachCache([](Cache *c) { hasSamples(c) ? c->lock.lockForFork() : void(); });
  eachHeap([](Heap *h) { h->lock.lockForFork(); });
  lockAbove();
  lockStacks();
  lockTable();
  lockSites();
  lockMetadata();
  lockSamples();
  __atomic_store_n(&platform::forkHolder, fast::self(), __ATOMIC_RELAXED);
}
void unlockAll(bool child) {
  __atomic_store_n(&platform::forkHolder, uintptr_t(0), __ATOMIC_RELAXED);
  unlockSamples();
  unlockMetadata();
  unlockSites();
  unlockTable();
  unlockStacks();
  unlockAbove();
  auto unlock = [child](auto &lock) { child ? lock.unlockInChild() : lock.unlock(); };
  eachHeap([&](Heap *h) { unlock(h->lock); });
  eachCache([&](Cache *c) { unlock(c->lock); });
  processLock.unlock();
}
void afterFork() {
  if (forksAlone)
    return;
  unlockAll(false);
  platform::unlockStreams();
  letCaptures(false);
}
void inChild() {
  platform::noteForked();
  forgetPurger();
  platform::prepareBarrier();
  if (forksAlone)
    return;
  platform::resetStreams();
  unlockAll(true);
  letCaptures(true);
  uintptr_t self = fast::self();
  eachCache([self](Cache *c) {
    if (!c->thread || c->thread->pointer == self)
      return;
    orphanAll(c, true);
    // Of an ended thread's caches, those of other heaps may serve again; its
    // record, with its cache of the default heap, is lost with it.
    if (c != c->thread->home)
      c->thread = nullptr;
  });
}
} // namespace

void watchForks() { platform::atFork(beforeFork, afterFork, inChild); }

} // namespace cairn

using namespace cairn;

extern "C" CAIRN_COLD Bins *cairn_rt_bins(void *heap) {
  Heap *h = static_cast<Heap *>(heap);
  if (h == &cairn_default_heap_object)
    h = defaultHeap(); // which makes it if this is the first use
  Cache *cache = h && !h->checked ? cacheOf(h) : nullptr;
  if (!cache)
    return &noThread.cache;
  remember(cache->thread, h, cache);
  return cache->bins;
}

//===- guard.cpp - Blocks that live alone -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/guard.h"

#include "heap/checked.h"
#include "heap/poison.h"
#include "heap/purger.h"
#include "platform/outside.h"
#include "platform/text.h"

namespace cairn {

uint32_t guardRate;

namespace {

GuardedBlock *blocks; ///< kAllGuarded of them; number 0 is none. Set once, under processLock.
/// A bit for each number that is given out. Without a lock, which a fork would have to know.
uint64_t numbers[kAllGuarded / 64];

/// What the rest of a slot's page is filled with. It is no address.
constexpr uint64_t kAround = 0xfbfbfbfbfbfbfbfb;

GuardedBlock &blockOf(const Slab *slab) { return blocks[slab->shared->armed]; }

uint32_t takeNumber() {
  for (uint32_t i = 0; i < kAllGuarded / 64; ++i) {
    uint64_t word = __atomic_load_n(&numbers[i], __ATOMIC_RELAXED);
    while (uint64_t free = ~(word | (i == 0))) {
      uint64_t bit = free & -free;
      if (__atomic_compare_exchange_n(&numbers[i], &word, word | bit, true, __ATOMIC_ACQ_REL,
                                      __ATOMIC_RELAXED))
        return i * 64 + uint32_t(__builtin_ctzll(bit));
    }
  }
  return 0;
}

void giveNumber(uint32_t number) {
  __atomic_store_n(&blocks[number].heap, nullptr, __ATOMIC_RELAXED);
  __atomic_and_fetch(&numbers[number / 64], ~(uint64_t(1) << (number % 64)), __ATOMIC_RELEASE);
}

//===- The queue of dead ones: under the heap's lock ------------------------===//

void addDead(Heap *heap, uint32_t number) {
  Guards &guards = heap->guards;
  blocks[number].next = 0;
  if (guards.lastDead)
    blocks[guards.lastDead].next = number;
  else
    __atomic_store_n(&guards.firstDead, number, __ATOMIC_RELAXED);
  guards.lastDead = number;
}

uint32_t takeDead(Heap *heap) {
  Guards &guards = heap->guards;
  uint32_t number = guards.firstDead;
  if (!number)
    return 0;
  __atomic_store_n(&guards.firstDead, blocks[number].next, __ATOMIC_RELAXED);
  if (!guards.firstDead)
    guards.lastDead = 0;
  return number;
}

//===- Units: under the heap's lock -----------------------------------------===//

/// The number of a new unit, none of which can be touched; 0 if there is none to be had.
uint32_t makeUnit(Heap *heap) {
  uint32_t number = takeNumber();
  if (!number)
    return 0;
  constexpr uint64_t granules = kSlabSize >> kGranuleShift;
  uint64_t g = heap->space.take(granules, granules);
  if (g == Space::kNone) {
    giveNumber(number);
    return 0;
  }
  uintptr_t at = heap->space.addressOf(g);
  auto *memory = reinterpret_cast<void *>(at);
  if (!platform::makeUntouchable(memory, kSlabSize)) {
    heap->space.give(g);
    giveNumber(number);
    return 0;
  }
  heap->space.run(g).slab = 1;
  noteTaken(heap);
  Slab *slab = fast::slabOf(memory);
  Shared *shared = &heap->shared[(at - heap->base) / kSlabSize];
  slab->free = nullptr;
  __atomic_store_n(&slab->owner, uintptr_t(0), __ATOMIC_RELAXED);
  __atomic_store_n(&slab->stack, &fullStack, __ATOMIC_RELAXED);
  __atomic_store_n(&slab->credit, kInHand, __ATOMIC_RELAXED);
  slab->base = at;
  __atomic_store_n(&slab->shared, shared, __ATOMIC_RELAXED);
  slab->slots = 1;
  __atomic_store_n(&slab->fresh, uint16_t(0), __ATOMIC_RELAXED);
  __atomic_store_n(&shared->heap, heap, __ATOMIC_RELAXED);
  __atomic_store_n(&shared->cache, nullptr, __ATOMIC_RELAXED);
  shared->slab = slab;
  __atomic_store_n(&shared->armed, int32_t(number), __ATOMIC_RELAXED);
  __atomic_store_n(&shared->remote, Remote{0, 0, kGuarded}.pack(), __ATOMIC_RELEASE);
  GuardedBlock &block = blocks[number];
  block = GuardedBlock();
  block.slab = slab;
  __atomic_store_n(&block.heap, heap, __ATOMIC_RELAXED);
  __atomic_store_n(&heap->guards.made, heap->guards.made + 1, __ATOMIC_RELAXED);
  return number;
}

/// The unit of a block that is dead, and in no queue, is a part of the region as any other. False,
/// and it stays as it is, if the system refuses.
bool giveUnit(Heap *heap, uint32_t number) {
  Slab *slab = blocks[number].slab;
  if (!platform::allow(reinterpret_cast<void *>(slab->base), kSlabSize, platform::Access::Write))
    return false;
  __atomic_store_n(&slab->role, kSpaceRole, __ATOMIC_RELEASE);
  __atomic_store_n(&slab->shared->cache, nullptr, __ATOMIC_RELAXED);
  __atomic_store_n(&slab->shared->remote, uint64_t(0), __ATOMIC_RELEASE);
  heap->space.give(heap->space.granuleOf(reinterpret_cast<void *>(slab->base)));
  noteFreed(heap);
  giveNumber(number);
  __atomic_store_n(&heap->guards.made, heap->guards.made - 1, __ATOMIC_RELAXED);
  return true;
}

/// The only slot of a unit: its place in its page, its size and kind.
void placeSlot(Slab *slab, unsigned bin, bool atStart) {
  Kind kind = Kind(bin / kClasses);
  size_t size = sizeOfClass(bin % kClasses), phase = slotPhase(kind);
  // An object's payload lies at a multiple of 16, and what is aligned otherwise has a size of
  // that kind.
  size_t align = kind == kRaw ? 1 : 16;
  size_t at = atStart ? phase : ((platform::kPage - size - phase) & ~(align - 1)) + phase;
  slab->slotSize = uint32_t(size);
  slab->reciprocal = uint32_t(((uint64_t(1) << 32) + size - 1) / size);
  slab->start = uint16_t(platform::kPage + at);
  slab->bin = uint8_t(bin);
}

char *pageOf(const Slab *slab) { return reinterpret_cast<char *>(slab->base + platform::kPage); }

void fillAround(const Slab *slab) {
  char *page = pageOf(slab), *slot = slotAt(slab, 0), *end = slot + slab->slotSize;
  fillPoison(page, uint64_t(slot - page), kAround);
  fillPoison(end, uint64_t(page + platform::kPage - end), kAround);
}

/// What was written next to a live block: null if nothing was.
const char *findAround(const Slab *slab) {
  char *page = pageOf(slab), *slot = slotAt(slab, 0), *end = slot + slab->slotSize;
  uint64_t before = uint64_t(slot - page), behind = uint64_t(page + platform::kPage - end);
  if (uint64_t at = firstUnpoisoned(end, behind, kAround); at != behind)
    return end + at;
  if (uint64_t at = firstUnpoisoned(page, before, kAround); at != before)
    return page + at;
  return nullptr;
}

void reportAround(const Slab *slab, const char *p, const char *at) {
  uint64_t bytes = uint64_t(slotAt(slab, 0) + slab->slotSize - p);
  Text text;
  if (at > p)
    text << "written past its end: byte " << uint64_t(at - p) << " of a block of up to " << bytes
         << " bytes";
  else
    text << "written before its start: byte -" << uint64_t(p - at);
  fail(CAIRN_ERROR_CORRUPT, p, text.text());
}

/// captureCalls() as a trace.
Trace capture(Thread *thread, bool &noted, const void *faulted = nullptr) {
  Trace trace;
  trace.count = uint8_t(captureCalls(thread, trace.returns, Trace::kMost, noted, faulted));
  return trace;
}

/// Calls f with each word of the stack that a unit's slot can lie on, used or not. Only the stack's
/// own thread knows its bounds: to others it has no words.
template <typename F> void eachWord(const Slab *slab, F f) {
  const Cache *cache = __atomic_load_n(&slab->shared->cache, __ATOMIC_RELAXED);
  if (!cache || cache->thread != knownThread())
    return;
  const SlotStack &stack = cache->bins->stacks[slab->bin];
  void **bottom = stack.top;
  while (*bottom)
    --bottom;
  for (void **word = bottom + 1; word < stack.limit; ++word)
    f(*word);
}

/// Ends the life of a unit's block; false if it was dead. Under the heap's lock.
bool endBlock(Slab *slab, const void *p, const Trace &gone, unsigned site, unsigned thread) {
  if (!isGuarded(slab) || !slab->fresh)
    return false;
  Heap *heap = slab->shared->heap;
  uint32_t number = uint32_t(slab->shared->armed);
  GuardedBlock &block = blocks[number];
  char *slot = slotAt(slab, 0);
  size_t head = slab->slotSize < sizeof(block.head) ? slab->slotSize : sizeof(block.head);
  __builtin_memcpy(block.head, slot, head);
  block.wasArray = kindOf(slab) == kObject && p == slot + kArrayPrefix;
  if (isLaterLife(slab)) {
    block.made = Trace();
    block.origin.made = block.origin.owner = 0;
  }
  block.gone = gone;
  block.origin.gone = site;
  block.origin.by = thread;
  __atomic_store_n(&slab->fresh, uint16_t(0), __ATOMIC_RELEASE);
  if (heap->exposed) {
    giveUnit(heap, number);
  } else {
    platform::makeUntouchable(pageOf(slab), platform::kPage); // if refused, the page stays readable
    addDead(heap, number);
  }
  platform::released(&heap->lock); // after what a sanitizer takes for a write
  return true;
}

uint32_t nextRandom(Cache *cache) {
  uint32_t x = cache->guardRandom;
  if (!x) // another one in each cache, and in each process where addresses are random
    x = uint32_t((reinterpret_cast<uintptr_t>(cache) ^ cache->heap->base ^ fast::self()) *
                     0x9e3779b97f4a7c15u >>
                 32) |
        1;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return cache->guardRandom = x;
}

} // namespace

void readGuardRate() {
  const char *wish = platform::environment("CAIRN_GUARD");
  if (!wish)
    return;
  if (wish[0] == 'o' && wish[1] == 'n' && !wish[2])
    guardRate = kUsualGuardRate;
  for (; *wish >= '0' && *wish <= '9'; ++wish)
    guardRate = guardRate < UINT32_MAX / 32 ? guardRate * 10 + uint32_t(*wish - '0') : guardRate;
}

bool guardHeap(Heap *heap, uint32_t every) {
  if (heap->checked || heap->coarse || heap->exposed)
    return !every;
  if (every && !blocks) {
    auto *all = static_cast<GuardedBlock *>(
        platform::reserve(kAllGuarded * sizeof(GuardedBlock), platform::kPage));
    if (!all)
      return false;
    __atomic_store_n(&blocks, all, __ATOMIC_RELEASE);
  }
  if (every) {
    __atomic_store_n(&notesCallers, true, __ATOMIC_RELAXED);
    watchFaults();
  }
  uint64_t share = heap->size / kSlabSize / kGuardedShare;
  heap->guards.most = share < kMostGuarded ? uint32_t(share) : kMostGuarded;
  __atomic_store_n(&heap->guards.every, every, __ATOMIC_RELAXED);
  return true;
}

void endGuards(Heap *heap) {
  __atomic_store_n(&heap->guards.every, 0u, __ATOMIC_RELAXED);
  releaseGuarded(heap);
  if (!blocks)
    return;
  platform::Guard guard(heap->lock);
  for (uint32_t number = 1; number < kAllGuarded && heap->guards.made; ++number)
    if (GuardedBlock &block = blocks[number]; block.heap == heap) {
      platform::allow(reinterpret_cast<void *>(block.slab->base), kSlabSize,
                      platform::Access::Write);
    }
}

void forgetGuarded(Heap *heap) {
  if (!blocks || !heap->guards.made)
    return;
  for (uint32_t number = 1; number < kAllGuarded; ++number)
    if (blocks[number].heap == heap)
      giveNumber(number);
}

bool countSlow(Cache *cache) {
  uint32_t every = __atomic_load_n(&cache->heap->guards.every, __ATOMIC_RELAXED);
  auto draw = [&] {
    cache->untilGuard = 1 + uint32_t(nextRandom(cache) % (2 * uint64_t(every) - 1));
  };
  if (CAIRN_UNLIKELY(!every))
    return false;
  if (CAIRN_UNLIKELY(!cache->untilGuard || cache->untilGuard >= 2 * uint64_t(every)))
    draw();
  if (CAIRN_LIKELY(--cache->untilGuard))
    return false;
  draw();
  return true;
}

void *takeGuarded(Cache *cache, unsigned bin) {
  Heap *heap = cache->heap;
  Guards &guards = heap->guards;
  Thread *thread = cache->thread;
  if (platform::heldForFork() || thread->capturing ||
      (__atomic_load_n(&guards.made, __ATOMIC_RELAXED) >= guards.most &&
       !__atomic_load_n(&guards.firstDead, __ATOMIC_RELAXED)))
    return nullptr;
  bool noted = true;
  Trace made = capture(thread, noted);
  platform::Guard guard(heap->lock);
  uint32_t number = guards.made < guards.most ? makeUnit(heap) : 0;
  if (!number && !(number = takeDead(heap)))
    return nullptr;
  GuardedBlock &block = blocks[number];
  Slab *slab = block.slab;
  if (!platform::allow(pageOf(slab), platform::kPage, platform::Access::Write)) {
    addDead(heap, number);
    return nullptr;
  }
  platform::acquired(&heap->lock);
  placeSlot(slab, bin, guards.startsPage);
  guards.startsPage = !guards.startsPage;
  fillAround(slab);
  // No count, and no mark of an array.
  __builtin_memset(slotAt(slab, 0), 0, linkOffset(kindOf(slab)) + sizeof(void *));
  block.made = made;
  block.origin = Origin();
  block.origin.made = siteOf(thread->note);
  block.origin.owner = thread->number;
  __atomic_store_n(&slab->shared->cache, cache, __ATOMIC_RELAXED);
  eachWord(slab, [link = linkAt(slab, 0)](void *&word) {
    if (word == link) // of an earlier block; see isLaterLife()
      word = &word;   // no slot, and not the null at the bottom
  });
  __atomic_store_n(&slab->fresh, uint16_t(1), __ATOMIC_RELAXED);
  __atomic_store_n(&slab->role, kGuardRole, __ATOMIC_RELEASE);
  return linkAt(slab, 0);
}

void freeGuarded(Slab *slab, void *p) {
  Heap *heap = slab->shared->heap;
  Thread *thread = currentThread();
  bool noted = kindOf(slab) == kRaw;
  Trace gone = capture(thread, noted);
  if (!isDeadGuarded(slab))
    if (const char *at = findAround(slab))
      reportAround(slab, static_cast<char *>(p), at);
  bool live;
  {
    platform::Guard guard(heap->lock);
    live = endBlock(slab, p, gone, noted && thread ? siteOf(thread->note) : 0, threadNumber());
  }
  if (!live)
    fail(CAIRN_ERROR_DEAD, p, "freed already");
  startPurgerInFree();
}

void freeStacked(Slab *slab) {
  Trace none = {};
  platform::Guard guard(slab->shared->heap->lock);
  endBlock(slab, linkAt(slab, 0), none, 0, 0);
}

Trace captureNow(const void *faulted) {
  bool noted = false;
  return capture(knownThread(), noted, faulted);
}

bool isLaterLife(const Slab *slab) {
  bool found = false;
  eachWord(slab, [&, link = linkAt(slab, 0)](void *word) { found |= word == link; });
  return found;
}

bool isStacked(const Slab *slab, const void *p) {
  bool found = false;
  if (const Cache *cache = __atomic_load_n(&slab->shared->cache, __ATOMIC_RELAXED))
    eachStack(cache, slab, [&](const SlotStack *stack) {
      for (void **top = stack->top; !found && *top; --top)
        found = *top == p;
    });
  return found;
}

bool releaseGuarded(Heap *heap) {
  if (CAIRN_LIKELY(!__atomic_load_n(&heap->guards.made, __ATOMIC_RELAXED)))
    return false;
  bool any = false;
  platform::Guard guard(heap->lock);
  while (uint32_t number = takeDead(heap)) {
    if (!giveUnit(heap, number)) {
      addDead(heap, number);
      break;
    }
    any = true;
  }
  return any;
}

bool inspectGuarded(Heap *heap) {
  if (CAIRN_LIKELY(!__atomic_load_n(&heap->guards.made, __ATOMIC_RELAXED)))
    return true;
  const Slab *found = nullptr;
  const char *at = nullptr;
  {
    platform::Guard guard(heap->lock);
    for (uint32_t number = 1; number < kAllGuarded && !found; ++number)
      if (const GuardedBlock &block = blocks[number];
          block.heap == heap && // A unit whose page was refused never had a block.
          __atomic_load_n(&block.slab->role, __ATOMIC_ACQUIRE) == kGuardRole &&
          !isDeadGuarded(block.slab) && (at = findAround(block.slab)))
        found = block.slab;
  }
  if (!found)
    return true;
  reportAround(found, static_cast<char *>(linkAt(found, 0)), at);
  return false;
}

void eachGuardRecord(const OwnMemory &each) {
  if (auto from = reinterpret_cast<uintptr_t>(__atomic_load_n(&blocks, __ATOMIC_ACQUIRE)))
    each(from, from + kAllGuarded * sizeof(GuardedBlock));
}

const GuardedBlock *guardedAt(const void *p) {
  if (!__atomic_load_n(&blocks, __ATOMIC_ACQUIRE) || !addressHasRecord(p))
    return nullptr;
  const Slab *slab = fast::slabOf(p);
  return isGuarded(slab) ? &blockOf(slab) : nullptr;
}

} // namespace cairn

using namespace cairn;

extern "C" CAIRN_API bool cairn_heap_guard(cairn_heap *h, uint32_t every) {
  Heap *heap = orDefault(h);
  if (!heap)
    return !every;
  if (every)
    platform::prepareStacks();
  platform::Guard guard(processLock);
  return guardHeap(heap, every);
}

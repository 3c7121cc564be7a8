//===- corruption_test.cpp - A debug build finds planted faults -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each case writes a fault into one of the runtime's structures, in a child process, and
// then uses the heap as a program does. The child must end with an assertion that names
// the structure (docs/debug-build.md has the table). The runtime is its debug form, and
// CAIRN_VALIDATE=all makes each slow path look at everything.
//
//===----------------------------------------------------------------------===//

#include "heap/inside.h"
#include "heap/origin.h"
#include "heap/quarantine.h"
#include "heap/state.h"
#include "heap/validate.h"
#include "object/object.h"
#include "support.h"

#include <thread>

using namespace cairn;

namespace {

constexpr size_t kBytes = 64;
constexpr unsigned kBin = binOf(kRaw, classOf(kBytes));

cairn_heap *handle(Heap *heap) { return reinterpret_cast<cairn_heap *>(heap); }

/// A heap with blocks of kBytes in a slab in hand, in full slabs and in ready ones; with
/// slots on stacks, in lists, and freed by another thread; with large blocks, live and free.
struct World {
  Heap *heap;
  Cache *cache;
  std::vector<void *> blocks;
  void *large;

  explicit World(bool checked) {
    cairn_heap_options options = {size_t(64) << 20, "corrupt", checked};
    heap = reinterpret_cast<Heap *>(cairn_heap_create(&options));
    cache = checked ? heap->central : cacheOf(heap);
    for (int i = 0; i < 12000; ++i)
      blocks.push_back(cairn_heap_malloc(handle(heap), kBytes));
    // Of the first slabs some slots come free: 200 of each, and all but one of the fourth.
    for (size_t i = 0; i < 4000; ++i)
      if (i % 1000 < 200 || (i > 3000 && i != 3500))
        release(i);
    std::thread([&] {
      for (size_t i = 5000; i < 5010; ++i)
        release(i);
    }).join();
    void *before = cairn_heap_malloc(handle(heap), 50000);
    large = cairn_heap_malloc(handle(heap), 50000);
    cairn_heap_malloc(handle(heap), 3000);
    cairn_free(before);
    if (!checked)
      for (size_t i = 8000; i < 8200; ++i) // to the stacks
        release(i);
  }
  void release(size_t i) {
    cairn_free(blocks[i]);
    blocks[i] = nullptr;
  }

  Slab *slabOf(size_t i) const { return locate(blocks[i]).slab; }
  /// A slab of blocks in this state.
  Slab *inState(SlabState state) const {
    for (size_t i = 0; i < blocks.size(); ++i)
      if (blocks[i] && loadRemote(slabOf(i)->shared).state == state)
        return slabOf(i);
    ADD_FAILURE() << "no slab in state " << unsigned(state);
    return nullptr;
  }
  Slab *full() const { return inState(kFull); }
  Slab *hand() const { return inState(kHand); }
  /// A slab in no hand that has free slots in its list.
  Slab *listed() const {
    for (size_t i = 0; i < blocks.size(); ++i)
      if (blocks[i] && slabOf(i)->free && *static_cast<void **>(slabOf(i)->free) &&
          loadRemote(slabOf(i)->shared).state != kHand)
        return slabOf(i);
    ADD_FAILURE() << "no slab with a free list";
    return nullptr;
  }
  SlotStack *stack() const {
    SlotStack *stack = &cache->bins->stacks[kBin];
    if (!*stack->top || !stack->top[-1])
      ADD_FAILURE() << "the stack is empty";
    return stack;
  }
  Space &space() const { return heap->space; }
  Inside::Node &node(const void *p) const {
    return Inside::nodes(space())[Inside::tag(space(), space().granuleOf(p))];
  }
  /// The first node of a free run.
  uint32_t freeNode() const {
    for (uint32_t n = 1; n < Inside::nodesMade(space()); ++n)
      if (!Inside::nodes(space())[n].run.used)
        return n;
    return 0;
  }

  /// What a program does next: allocations of other sizes and of a large block, frees, a
  /// trim; and then a look at everything.
  void use() {
    std::vector<void *> more;
    for (int i = 0; i < 3000; ++i)
      more.push_back(cairn_heap_malloc(handle(heap), i % 3 ? kBytes : 640));
    void *p = cairn_heap_malloc(handle(heap), 100000);
    cairn_free(p);
    for (void *q : more)
      cairn_free(q);
    cairn_heap_trim(handle(heap));
    validateAll(heap);
  }
};

const uint32_t nodeOffsets[] = {0};
cairn_type nodeType = {16, 8, 1, 0, 0, nodeOffsets, nullptr, "node"};

struct Case {
  const char *name;
  const char *structure; ///< What the message names.
  void (*plant)(World &);
  bool checked = false;
};

const Case kCases[] = {
    {"CreditTooLow", "slab", [](World &w) { --w.full()->credit; }},
    {"CreditOfASlabInHand", "slab", [](World &w) { w.hand()->credit = 5; }},
    {"BinOfAnotherKind", "slab", [](World &w) { w.full()->bin = binOf(kObject, classOf(kBytes)); }},
    {"SlotSizeOfAnotherBin", "slab", [](World &w) { w.full()->slotSize += 8; }},
    {"WrongReciprocal", "slab", [](World &w) { ++w.full()->reciprocal; }},
    {"OwnerOfAnotherKind", "slab", [](World &w) { ++w.full()->owner; }},
    {"OwnedByAnotherCache", "slab",
     [](World &w) { w.full()->shared->cache = cacheOf(defaultHeap()); }},
    {"StackOfAnotherBin", "slab", [](World &w) { ++w.full()->stack; }},
    {"FreshTooLow", "slab", [](World &w) { --w.full()->fresh; }},
    {"RecordOfAnotherSlab", "list of full slabs",
     [](World &w) { w.full()->shared = w.slabOf(11999)->shared; }},
    {"FreeListInACircle", "free list",
     [](World &w) {
       void *first = w.listed()->free, *last = first;
       while (void *next = *static_cast<void **>(last))
         last = next;
       *static_cast<void **>(last) = first;
     }},
    {"FreeListLeavesTheSlab", "free list",
     [](World &w) {
       Slab *slab = w.listed();
       *static_cast<void **>(slab->free) = reinterpret_cast<void *>(slab->base + kSlabSize + 64);
     }},
    {"FreeListOffASlot", "free list",
     [](World &w) {
       Slab *slab = w.listed();
       slab->free = static_cast<char *>(slab->free) + 8;
     }},
    {"FreeListTooShort", "slab",
     [](World &w) { *static_cast<void **>(w.listed()->free) = nullptr; }},
    {"FreeMarkGone", "freed mark",
     [](World &w) {
       debug::marksAreExact = true;
       static_cast<uintptr_t *>(w.listed()->free)[1] = 0;
     }},
    {"CountInAFreeObject", "stack",
     [](World &w) {
       void *ref = cairn_heap_alloc(handle(w.heap), &nodeType);
       cairn_decref(ref);
       test::countWord(ref) = 1;
     }},
    {"RemoteCountTooHigh", "remote list of slab",
     [](World &w) { w.slabOf(5020)->shared->remote += 1 << 16; }},
    {"RemoteCountTooLow", "remote list of slab",
     [](World &w) { w.slabOf(5020)->shared->remote -= 1 << 16; }},
    {"RemoteAndLocal", "remote list",
     [](World &w) {
       Slab *slab = w.slabOf(5020);
       Remote remote = loadRemote(slab->shared);
       void *link = linkAt(slab, remote.head - 1u);
       arm(slab, 1, 7);
       slab->free = *static_cast<void **>(link);
       *static_cast<void **>(link) = nullptr;
       slab->free = link;
     }},
    {"SlabInTwoLists", "list of ready slabs",
     [](World &w) { w.cache->full.push(w.inState(kReady)->shared); }},
    {"ListWithAWrongNeighbour", "list of full slabs",
     [](World &w) { w.cache->full.head->next->prev = nullptr; }},
    {"StateOfAnotherList", "list of full slabs",
     [](World &w) { setState(w.full()->shared, kReady); }},
    {"SlotOnTwoStacks", "stack",
     [](World &w) {
       SlotStack *other = &w.cache->bins->stacks[kBin - 1];
       ASSERT_NE(cairn_heap_malloc(handle(w.heap), kBytes - 8), nullptr);
       *++other->top = *w.stack()->top;
     }},
    {"SlotTwiceOnAStack", "stack", [](World &w) { w.stack()->top[-1] = *w.stack()->top; }},
    {"SlotOnAStackAndInAList", "stack", [](World &w) { *w.stack()->top = w.listed()->free; }},
    {"TopPastTheLimit", "stack", [](World &w) { w.stack()->top = w.stack()->limit; }},
    {"BottomNotNull", "stack",
     [](World &w) {
       void **bottom = w.stack()->top;
       while (*bottom)
         --bottom;
       *bottom = w.blocks[11000];
     }},
    {"BottomOfASpareStack", "spare stack",
     [](World &w) {
       void **bottom = w.stack()->top;
       while (*bottom)
         --bottom;
       drain(w.cache, kBin); // which gives the stack's memory away
       *bottom = w.blocks[11000];
       validateAll(w.heap);
     }},
    {"WrongHand", "slab in hand", [](World &w) { w.cache->bins->hand[kBin + 1] = w.hand(); }},
    {"OrphanWithAnOwner", "slab",
     [](World &w) {
       void *p = nullptr;
       std::thread([&] { p = cairn_heap_malloc(handle(w.heap), 900); }).join();
       locate(p).slab->owner = fast::self();
     }},
    {"RunWithAWrongNeighbour", "run", [](World &w) { ++w.node(w.large).left; }},
    {"RunTooLong", "run", [](World &w) { ++w.node(w.large).run.length; }},
    {"RunWithoutAStart", "run",
     [](World &w) {
       uint64_t g = w.space().granuleOf(w.large);
       Inside::starts(w.space())[g / 64] &= ~(uint64_t(1) << (g % 64));
     }},
    {"RunWithAWrongTag", "run",
     [](World &w) { ++Inside::tag(w.space(), w.space().granuleOf(w.large)); }},
    {"FreeRunsTouch", "run",
     [](World &w) {
       Inside::Node &node = w.node(w.large);
       uint64_t length = node.run.length;
       node.run = Run{};
       node.run.length = length;
     }},
    {"FreeRunInNoList", "lists of free runs",
     [](World &w) {
       const Inside::Node &node = Inside::nodes(w.space())[w.freeNode()];
       for (auto &level : Inside::heads(w.space()))
         for (uint32_t &head : level)
           if (head && &Inside::nodes(w.space())[head] == &node)
             head = 0;
     }},
    {"FreeRunInAWrongList", "list of free runs",
     [](World &w) {
       Space &space = w.space();
       for (unsigned level = 0; level < Inside::kLevels; ++level)
         for (unsigned step = 0; step < Inside::kSteps; ++step) {
           uint32_t &head = Inside::heads(space)[level][step];
           if (!head || Inside::nodes(space)[head].next)
             continue;
           unsigned other = step ^ 1;
           if (Inside::heads(space)[level][other])
             continue;
           Inside::heads(space)[level][other] = head;
           head = 0;
           Inside::steps(space)[level] ^= uint8_t(3u << (step & ~1u));
           return;
         }
     }},
    {"SpareNodesInACircle", "list of spare nodes",
     [](World &w) {
       for (int i = 0; i < 3; ++i)
         w.use(); // which leaves some
       uint32_t n = Inside::spare(w.space());
       ASSERT_NE(n, 0u);
       Inside::nodes(w.space())[n].next = n;
       validateAll(w.heap);
     }},
    {"UsedOffByOne", "space",
     [](World &w) {
       ++Inside::used(w.space());
       *const_cast<uint64_t *>(w.space().usedBytes()) += kGranule;
     }},
    {"DirtyAccountOffByOne", "dirty pages",
     [](World &w) { ++Inside::dirty(Inside::pages(w.space())); }},
    {"DirtyPageOfAUsedRun", "dirty pages",
     [](World &w) {
       Backing &pages = Inside::pages(w.space());
       uint64_t page = (uintptr_t(w.large) - w.heap->base) / platform::kPage + 2;
       Inside::words(pages)[page / 64].dirty |= uint64_t(1) << (page % 64);
       ++Inside::dirty(pages);
     }},
    {"OldPageThatIsNotDirty", "dirty pages",
     [](World &w) {
       Backing &pages = Inside::pages(w.space());
       uint64_t page = (uintptr_t(w.large) - w.heap->base) / platform::kPage + 2;
       Inside::words(pages)[page / 64].old |= uint64_t(1) << (page % 64);
     }},
    {"SweepPastTheEnd", "sweep of dirty pages",
     [](World &w) {
       Backing &pages = Inside::pages(w.space());
       Inside::sweepAt(pages) = Inside::reach(pages) + 1;
     }},
    {"ExtentPastItsEnd", "extent of the region",
     [](World &w) {
       Extent &memory = Inside::memory(w.space());
       Inside::usable(memory) = Inside::whole(memory) + platform::kPage;
     }},
    {"FewerNodesThanPromised", "extent of nodes",
     [](World &w) {
       Inside::nodesReady(w.space()) += 100000;
       validateAll(w.heap); // the next call would mend it
     }},
    {"WindowNotReadable", "windows of the table",
     [](World &w) {
       uintptr_t chunk = w.heap->base >> kChunkShift;
       readableChunks[chunk / 64] &= ~(uint64_t(1) << (chunk % 64));
       validateAll(w.heap); // as the heap grows it would be mended
     }},
    {"IndexOfAnotherHeap", "heap", [](World &w) { w.heap->index ^= 1; }},
    {"LookUpOfAnotherCache", "look-up of caches",
     [](World &w) {
       test::Heap other(size_t(64) << 20);
       Cache *wrong = cacheOf(reinterpret_cast<Heap *>(static_cast<cairn_heap *>(other)));
       cacheOf(w.heap); // both may have the same place
       for (auto &entry : currentThread()->view.lookup)
         if (entry.heap == w.heap)
           entry.bins = wrong->bins;
       w.use();
     }},
    {"TableWithoutACache", "table of caches",
     [](World &w) {
       CacheTable &table = currentThread()->table;
       for (uint32_t i = 0; i < table.size; ++i)
         if (table.entries[i] == w.cache)
           table.entries[i] = nullptr;
     }},
    {"DeadCachesMiscounted", "thread", [](World &) { ++currentThread()->dead; }},
    {"DeadQueueWithALiveObject", "queue of dead objects",
     [](World &w) {
       DropState &drops = dropsOf(currentThread());
       auto at = reinterpret_cast<uintptr_t>(cairn_heap_alloc(handle(w.heap), &nodeType));
       drops.pending[0] = {at >> 32, uint32_t(at >> 2)};
       drops.used = 1;
     }},
    {"DeadQueueInACircle", "queue of dead objects",
     [](World &w) {
       DropState &drops = dropsOf(currentThread());
       void *ref = cairn_heap_alloc(handle(w.heap), &nodeType);
       auto at = reinterpret_cast<uintptr_t>(ref);
       test::countWord(ref) = int32_t(at >> 2);
       drops.pending[0] = {at >> 32, uint32_t(at >> 2)};
       drops.used = 1;
     }},
    {"StampDestroyed", "stamp",
     [](World &w) {
       memset(static_cast<char *>(w.blocks[7000]) + w.slabOf(7000)->slotSize - kStampBytes, 0x55,
              kStampBytes);
     },
     true},
    {"StampOfALargeBlockDestroyed", "stamp",
     [](World &w) {
       uint64_t extent = w.node(w.large).run.length << kGranuleShift;
       memset(static_cast<char *>(w.large) + extent - kStampBytes, 0x55, kStampBytes);
     },
     true},
    {"LiveSlotWaits", "queue of freed slots",
     [](World &w) {
       Quarantine *q = w.heap->quarantine;
       q->links[(q->first + 10) % kHeldBack] = w.blocks[7000];
     },
     true},
    {"LiveBitOfAWaitingSlot", "queue of freed slots",
     [](World &w) {
       void *link = w.heap->quarantine->links[w.heap->quarantine->first + 10];
       Slab *slab = locate(link).slab;
       unsigned i = unsigned(slotOf(slab, link));
       Origin origin = loadOrigin(originOf(slab, i));
       origin.live = 1;
       storeOrigin(originOf(slab, i), origin);
     },
     true},
    {"SlotThatIsNowhere", "slots of checked heap", [](World &w) { --w.heap->quarantine->count; },
     true},
    {"BytesOfFreedRunsMiscounted", "queue of freed runs",
     [](World &w) { ++w.heap->quarantine->runBytes; }, true},
};

void PrintTo(const Case &c, std::ostream *out) { *out << c.name; }

class Planted : public testing::TestWithParam<Case> {};

TEST_P(Planted, IsFound) {
  const Case &c = GetParam();
  std::string message = std::string("cairn: assertion failed: ") + c.structure + " 0x";
  EXPECT_DEATH(
      {
        World world(c.checked);
        c.plant(world);
        world.use();
        if (testing::Test::HasFailure())
          abort();
      },
      message);
}

INSTANTIATE_TEST_SUITE_P(Corruption, Planted, testing::ValuesIn(kCases),
                         [](const auto &info) { return std::string(info.param.name); });

/// The same uses, with nothing planted.
TEST(Unplanted, NothingIsFound) {
  for (bool checked : {false, true}) {
    World world(checked);
    world.use();
    EXPECT_TRUE(cairn_heap_check(handle(world.heap)));
  }
}

/// An error handler is told what a program writes over; the validators leave that to it.
TEST(Unplanted, MisuseIsReportedToAHandler) {
  test::Errors errors;
  World world(false);
  Slab *slab = world.listed();
  slab->free = static_cast<char *>(slab->free) + 8;
  world.use();
  EXPECT_FALSE(cairn_heap_check(handle(world.heap)) && errors.take().empty());
}

} // namespace

int main(int argc, char **argv) {
  setenv("CAIRN_VALIDATE", "all", 1); // before it is read
  unsetenv("CAIRN_CHECK");
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

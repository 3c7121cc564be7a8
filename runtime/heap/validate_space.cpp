//===- validate_space.cpp - A debug build looks at runs and pages -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What space.h, backing.h and extent.h claim of a heap's region. None of it lies where a
// program can write.
//
//===----------------------------------------------------------------------===//

#include "heap/validate.h"

#if CAIRN_DEBUG

#include "heap/inside.h"

namespace cairn {

namespace {

constexpr uint64_t kPageGranules = platform::kPage / kGranule;

void validateExtent(const Extent &extent, const char *name) {
  CAIRN_ASSERT(name, &extent, Inside::base(extent) % platform::kPage == 0, Inside::base(extent));
  CAIRN_ASSERT(name, &extent, Inside::usable(extent) <= Inside::whole(extent),
               Inside::usable(extent), Inside::whole(extent));
  CAIRN_ASSERT(name, &extent,
               Inside::usable(extent) % platform::kPage == 0 ||
                   Inside::usable(extent) == Inside::whole(extent),
               Inside::usable(extent));
}

void validateExtents(const Space &space) {
  Inside::eachExtent(space, validateExtent);
  uint64_t ready = Inside::ready(space), usable = Inside::memory(space).ready() >> kGranuleShift;
  CAIRN_ASSERT("extent of the region", &Inside::memory(space), ready <= usable, ready, usable);
  CAIRN_ASSERT("extent of the region", &Inside::memory(space), ready <= space.granules(), ready,
               space.granules());
  uint64_t nodes = Inside::nodeRoom(space).ready() / sizeof(Inside::Node);
  CAIRN_ASSERT("extent of nodes", &Inside::nodeRoom(space),
               Inside::nodesReady(space) + uint64_t(Inside::kNodesAdded) <= nodes,
               Inside::nodesReady(space), nodes);
}

/// What the walk over all runs has found.
struct Runs {
  uint64_t count = 0, free = 0, used = 0, dirty = 0, end = 0;
};

/// How many of the pages that lie in granules [first, end) alone are dirty.
uint64_t dirtyWithin(const Backing &pages, uint64_t first, uint64_t end) {
  uint64_t n = 0;
  uint64_t from = (first + kPageGranules - 1) / kPageGranules, to = end / kPageGranules;
  uint64_t most = Inside::reach(pages) * 64;
  for (uint64_t page = from; page < to && page < most;) {
    uint64_t dirty = Inside::words(pages)[page / 64].dirty >> (page % 64);
    uint64_t left = 64 - page % 64, wanted = to - page < left ? to - page : left;
    n +=
        unsigned(__builtin_popcountll(wanted < 64 ? dirty & ((uint64_t(1) << wanted) - 1) : dirty));
    page += left;
  }
  return n;
}

void validateRun(const Space &space, uint32_t n, const Inside::Node &node) {
  const Run &run = node.run;
  uint64_t first = node.first, length = run.length;
  CAIRN_ASSERT("run", &node, length > 0 && first + length <= space.granules(), first, length,
               space.granules());
  CAIRN_ASSERT("run", &node, Inside::tag(space, first) == n, first, Inside::tag(space, first), n);
  CAIRN_ASSERT("run", &node, space.starts(first), first);
  if (!run.used) {
    CAIRN_ASSERT("run", &node, !run.slab && !run.kind && !run.slack, first, run.slab, run.kind,
                 run.slack);
    return;
  }
  CAIRN_ASSERT("run", &node, first + length <= space.frontier(), first, length, space.frontier());
  CAIRN_ASSERT("run", &node, first + length <= Inside::ready(space), first, length,
               Inside::ready(space));
  uint64_t slack = run.slack; // a block of no bytes has a granule
  CAIRN_ASSERT("run", &node, slack <= length << kGranuleShift, slack, length);
  if (run.slab && n) {
    constexpr uint64_t page = platform::kPage >> kGranuleShift, slab = kSlabSize >> kGranuleShift;
    CAIRN_ASSERT("run", &node, (length == page || length == slab) && first % length == 0, first,
                 length);
  }
}

/// The runs from left to right.
Runs validateRuns(const Space &space) {
  const Inside::Node *nodes = Inside::nodes(space);
  Runs all;
  uint32_t left = 0;
  bool leftFree = false;
  for (uint32_t n = 0;;) {
    const Inside::Node &node = nodes[n];
    CAIRN_ASSERT("run", &node, all.count < Inside::nodesMade(space), all.count,
                 Inside::nodesMade(space));
    CAIRN_ASSERT("run", &node, node.first == all.end, n, node.first, all.end);
    CAIRN_ASSERT("run", &node, !n || node.left == left, n, node.left, left);
    validateRun(space, n, node);
    CAIRN_ASSERT("run", &node, !(leftFree && !node.run.used), n, node.first);
    all.end += node.run.length;
    ++all.count;
    if (!node.run.used) {
      ++all.free;
      all.dirty += dirtyWithin(Inside::pages(space), node.first, all.end);
    } else if (n) {
      all.used += node.run.length;
    }
    leftFree = !node.run.used;
    left = n;
    n = node.right;
    if (!n)
      break;
    CAIRN_ASSERT("run", &node, n < Inside::nodesMade(space), n, Inside::nodesMade(space));
  }
  CAIRN_ASSERT("space", &space, all.end == space.granules(), all.end, space.granules());
  CAIRN_ASSERT("space", &space, all.used == space.used(), all.used, space.used());
  CAIRN_ASSERT("space", &space, *space.usedBytes() == space.used() << kGranuleShift,
               *space.usedBytes(), space.used());
  CAIRN_ASSERT("space", &space, space.used() <= space.peak(), space.used(), space.peak());
  return all;
}

/// Whether the list at this level and step is the one of runs of this length: level 0 has a
/// list for each length below 8, each level above eight lists for a power of two.
bool listHolds(unsigned level, unsigned step, uint64_t length) {
  return level ? length >> (level - 1) == 8 + step : length == step;
}

void validateLists(const Space &space, uint64_t freeRuns) {
  const Inside::Node *nodes = Inside::nodes(space);
  uint64_t listed = 0;
  for (unsigned level = 0; level < Inside::kLevels; ++level) {
    unsigned steps = Inside::steps(space)[level];
    CAIRN_ASSERT("lists of free runs", &space, !(Inside::levels(space) >> level & 1) == !steps,
                 level, Inside::levels(space), steps);
    for (unsigned step = 0; step < Inside::kSteps; ++step) {
      uint32_t n = Inside::heads(space)[level][step], before = 0;
      CAIRN_ASSERT("lists of free runs", &space, !(steps >> step & 1) == !n, level, step, n);
      for (; n; before = n, n = nodes[n].next) {
        CAIRN_ASSERT("list of free runs", &nodes[n], listed < freeRuns, listed, freeRuns);
        CAIRN_ASSERT("list of free runs", &nodes[n], n < Inside::nodesMade(space), n);
        CAIRN_ASSERT("list of free runs", &nodes[n], !nodes[n].run.used, n);
        CAIRN_ASSERT("list of free runs", &nodes[n], listHolds(level, step, nodes[n].run.length), n,
                     level, step, nodes[n].run.length);
        CAIRN_ASSERT("list of free runs", &nodes[n], nodes[n].prev == before, n, nodes[n].prev,
                     before);
        ++listed;
      }
    }
  }
  CAIRN_ASSERT("lists of free runs", &space, listed == freeRuns, listed, freeRuns);
}

/// Each node is a run's or spare.
void validateNodes(const Space &space, uint64_t runs) {
  const Inside::Node *nodes = Inside::nodes(space);
  uint64_t spares = 0, made = Inside::nodesMade(space);
  for (uint32_t n = Inside::spare(space); n; n = nodes[n].next, ++spares)
    CAIRN_ASSERT("list of spare nodes", &nodes[n], n < made && spares < made, n, spares, made);
  CAIRN_ASSERT("nodes", nodes, runs + spares == made, runs, spares, made);
}

uint64_t validateStarts(const Space &space, uint64_t runs) {
  uint64_t words = (Inside::ready(space) + 1 + 63) / 64, starts = 0;
  uint64_t usable = Inside::startRoom(space).ready() / sizeof(uint64_t);
  if (words > usable)
    words = usable;
  for (uint64_t word = 0; word < words; ++word) {
    uint64_t bits = Inside::starts(space)[word];
    bool summed = Inside::summary(space)[word / 64] >> (word % 64) & 1;
    CAIRN_ASSERT("starts of runs", Inside::starts(space) + word, summed == (bits != 0), word, bits,
                 summed);
    starts += unsigned(__builtin_popcountll(bits));
  }
  CAIRN_ASSERT("starts of runs", Inside::starts(space), starts == runs, starts, runs);
  return words;
}

/// The purger's account: dirty pages are those of free runs, and counted.
uint64_t validatePages(const Space &space, uint64_t inFreeRuns) {
  const Backing &pages = Inside::pages(space);
  uint64_t reach = Inside::reach(pages), dirty = 0;
  uint64_t usable = Inside::pageRoom(space).ready() / sizeof(*Inside::words(pages));
  CAIRN_ASSERT("dirty pages", &pages, reach <= usable, reach, usable);
  for (uint64_t word = 0; word < usable && word <= reach; ++word) {
    uint64_t bits = Inside::words(pages)[word].dirty, old = Inside::words(pages)[word].old;
    CAIRN_ASSERT("dirty pages", &pages, !(old & ~bits), word, bits, old);
    CAIRN_ASSERT("dirty pages", &pages, word < reach || !bits, word, reach, bits);
    dirty += unsigned(__builtin_popcountll(bits));
  }
  CAIRN_ASSERT("dirty pages", &pages, dirty == pages.dirty(), dirty, pages.dirty());
  CAIRN_ASSERT("dirty pages", &pages, dirty == inFreeRuns, dirty, inFreeRuns);
  uint64_t end = pages.dirtyEnd(0) * kPageGranules;
  CAIRN_ASSERT("dirty pages", &pages, end <= Inside::ready(space), end, Inside::ready(space));
  CAIRN_ASSERT("sweep of dirty pages", &pages,
               Inside::sweepAt(pages) <= reach && Inside::someAt(pages) <= reach,
               Inside::sweepAt(pages), Inside::someAt(pages), reach);
  CAIRN_ASSERT("sweep of dirty pages", &pages,
               Inside::waited(pages) < 1u << Inside::patience(pages), Inside::waited(pages),
               Inside::patience(pages));
  return reach;
}

Sampler spaces;

} // namespace

void validate(const Space &space) {
  validateExtents(space);
  Runs runs = validateRuns(space);
  validateLists(space, runs.free);
  validateNodes(space, runs.count);
  uint64_t looked = runs.count + runs.free;
  looked += validateStarts(space, runs.count);
  looked += validatePages(space, runs.dirty);
  spaces.looked(looked);
}

void validateAtTimes(const Space &space) {
  if (spaces.due())
    validate(space);
}

} // namespace cairn

#endif // CAIRN_DEBUG

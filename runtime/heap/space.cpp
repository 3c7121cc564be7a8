//===- space.cpp - A heap's region, in runs of granules -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/space.h"
#include "heap/validate.h"
#include "platform/platform.h"

/// Parts of a few functions, worth a tenth of a large block's time in each.
#define CAIRN_INLINE __attribute__((always_inline)) inline

namespace cairn {

namespace {
struct ListIndex {
  unsigned level, step;
};
/// The list a run of `length` is kept in.
ListIndex listOf(uint64_t length) {
  if (length < 8)
    return {0, unsigned(length)};
  unsigned top = 63 - unsigned(__builtin_clzll(length));
  return {top - 2, unsigned(length >> (top - 3)) & 7};
}
/// The smallest length whose list holds only runs of at least `length`.
uint64_t roundToList(uint64_t length) {
  if (length < 8)
    return length;
  unsigned top = 63 - unsigned(__builtin_clzll(length));
  uint64_t unit = uint64_t(1) << (top - 3);
  return (length + unit - 1) & ~(unit - 1);
}
constexpr size_t kNodeBytes = 32;
constexpr uint64_t kUnit = kSlabSize >> kGranuleShift;
constexpr size_t roundUp(size_t n, size_t to) { return (n + to - 1) / to * to; }

/// How much free memory may stay backed at once: this much, and a quarter of what is in use. Two
/// moments ask: a request that takes pages without memory behind them, and a free where there is no
/// purger. Not less, since giving back a program's working memory between its phases costs more
/// than the phases do (docs/decisions/0024-giving-memory-back.md).
constexpr uint64_t kKeepDirty = (size_t(16) << 20) >> kGranuleShift;
/// The bound while more is in use than ever before: this much, and one in kKeepAtPeakPart.
constexpr uint64_t kKeepAtPeak = (size_t(256) << 10) >> kGranuleShift;
constexpr unsigned kKeepAtPeakPart = 256;
/// Above either bound, so many pages are given back for each page that is taken.
constexpr uint64_t kPurgeFor = 4;

/// The end of the region is given up if it has at least so many bytes, and at least one in
/// kTrimPart of those that are usable.
constexpr size_t kTrimPart = 4;
constexpr size_t kLittleDirty = size_t(1) << 20;

constexpr unsigned kPageGranulesShift = unsigned(__builtin_ctzll(platform::kPage / kGranule));

/// The pages that some granules lie in.
struct PageRange {
  uint64_t from, to;
  /// Those of them that lie in granules [first, end) alone.
  PageRange within(uint64_t first, uint64_t end) const {
    uint64_t least = first ? ((first - 1) >> kPageGranulesShift) + 1 : 0;
    uint64_t most = end >> kPageGranulesShift;
    return {from > least ? from : least, to < most ? to : most};
  }
};
PageRange pagesOf(uint64_t first, uint64_t end) {
  return {first >> kPageGranulesShift, ((end - 1) >> kPageGranulesShift) + 1};
}
} // namespace

/// Bytes of each record for n granules.
struct RecordBytes {
  size_t nodes, tags, unitTags, starts, summary;
  explicit RecordBytes(uint64_t n)
      : nodes((n + 3) * kNodeBytes), tags(n * sizeof(uint32_t)),
        unitTags((n / kUnit + 1) * sizeof(uint32_t)), starts((n + 63) / 64 * 8 + 8),
        summary(((n + 63) / 64 / 64 + 1) * 8) {}
};

size_t Space::recordBytes(size_t region) {
  RecordBytes bytes(region >> kGranuleShift);
  const size_t parts[] = {bytes.nodes, bytes.tags, bytes.unitTags, bytes.starts, bytes.summary};
  size_t sum = Backing::recordBytes(region);
  for (size_t part : parts)
    sum += roundUp(part, platform::kPage);
  return sum;
}

bool Space::init(uintptr_t base, size_t region, char *records, const Hold &hold) {
  Base = base;
  Granules = region >> kGranuleShift;
  Also = hold.reach;
  AlsoCut = hold.cut;
  RecordBytes bytes(Granules);
  // The small ones come first: they are usable as a whole, and one mapping.
  auto part = [&](Extent &room, size_t whole) {
    char *p = records;
    whole = roundUp(whole, platform::kPage);
    room.init(p, whole, hold.held, hold.usable);
    records += whole;
    return p;
  };
  Summary = reinterpret_cast<uint64_t *>(part(SummaryRoom, bytes.summary));
  UnitTags = reinterpret_cast<uint32_t *>(part(UnitTagRoom, bytes.unitTags));
  Pages.init(base, part(PageRoom, Backing::recordBytes(region)));
  Starts = reinterpret_cast<uint64_t *>(part(StartRoom, bytes.starts));
  Tags = reinterpret_cast<uint32_t *>(part(TagRoom, bytes.tags));
  Nodes = reinterpret_cast<Node *>(part(NodeRoom, bytes.nodes));
  Memory.init(base, region, hold.held, hold.usable);
  if (hold.usable)
    Ready = Granules;
  NodesMade = 1;
  if (!reachNodes() || !reach(1))
    return false;
  moveNode(0, 0, 1);
  run(0).used = 1;
  run(0).slab = 1; // of no role: nothing resolves to it
  Frontier = 1;
  list(addNode(0, 1, Granules - 1));
  return true;
}

bool Space::reachNodes() {
  if (!NodeRoom.reach((NodesMade + kNodesAdded) * sizeof(Node)))
    return false;
  NodesReady = uint32_t(NodeRoom.ready() / sizeof(Node) - kNodesAdded);
  return true;
}

bool Space::reach(uint64_t end) {
  if (end <= Ready)
    return true;
  size_t bytes = size_t(end << kGranuleShift);
  if (!Memory.reach(bytes))
    return false;
  // Memory grows in steps: the records must reach as far as it does now.
  bytes = Memory.ready();
  size_t region = size_t(Granules << kGranuleShift);
  uint64_t ready = bytes >> kGranuleShift;
  RecordBytes most(Granules), part(ready + 1 < Granules ? ready + 1 : Granules);
  auto record = [](Extent &room, size_t least, size_t whole) {
    return room.reach(whole <= Extent::kAtOnce ? whole : least);
  };
  if (!record(SummaryRoom, part.summary, most.summary) ||
      !record(UnitTagRoom, part.unitTags, most.unitTags) ||
      !record(PageRoom, Backing::recordBytes(bytes), Backing::recordBytes(region)) ||
      !record(StartRoom, part.starts, most.starts) || !record(TagRoom, part.tags, most.tags) ||
      (Also && !Also(*this, bytes)))
    return false;
  Ready = ready;
  return true;
}

void Space::setStart(uint64_t g) {
  Starts[g / 64] |= uint64_t(1) << (g % 64);
  Summary[g / 4096] |= uint64_t(1) << (g / 64 % 64);
}

void Space::clearStart(uint64_t g) {
  if (!(Starts[g / 64] &= ~(uint64_t(1) << (g % 64))))
    Summary[g / 4096] &= ~(uint64_t(1) << (g / 64 % 64));
}

uint64_t Space::runOf(uint64_t g) const {
  if (g > Ready) // the last run begins there or before
    g = Ready;
  uint64_t word = g / 64;
  uint64_t bits = Starts[word] & (~uint64_t(0) >> (63 - g % 64));
  if (!bits) {
    // Granule 0 starts a run, so the search ends.
    uint64_t at = word / 64;
    uint64_t full = word % 64 ? Summary[at] & (~uint64_t(0) >> (64 - word % 64)) : 0;
    while (!full)
      full = Summary[--at];
    word = at * 64 + 63 - unsigned(__builtin_clzll(full));
    bits = Starts[word];
  }
  return word * 64 + 63 - unsigned(__builtin_clzll(bits));
}

void Space::moveNode(uint32_t n, uint64_t first, uint64_t length) {
  Nodes[n].first = uint32_t(first);
  Nodes[n].run = Run{};
  Nodes[n].run.length = length;
  tag(first) = n;
  setStart(first);
}

uint32_t Space::addNode(uint32_t n, uint64_t first, uint64_t length) {
  uint32_t made = Spare;
  if (made)
    Spare = Nodes[made].next;
  else
    made = NodesMade++;
  uint32_t right = Nodes[n].right;
  Nodes[made].left = n;
  Nodes[made].right = right;
  Nodes[n].right = made;
  if (right)
    Nodes[right].left = made;
  moveNode(made, first, length);
  return made;
}

void Space::dropNode(uint32_t n) {
  Node &node = Nodes[n];
  clearStart(node.first);
  Nodes[node.left].run.length += node.run.length;
  Nodes[node.left].right = node.right;
  if (node.right)
    Nodes[node.right].left = node.left;
  node.next = Spare;
  Spare = n;
}

CAIRN_INLINE void Space::list(uint32_t n) {
  ListIndex l = listOf(Nodes[n].run.length);
  uint32_t &head = Heads[l.level][l.step];
  Nodes[n].next = head;
  Nodes[n].prev = 0;
  if (head)
    Nodes[head].prev = n;
  head = n;
  Levels |= 1u << l.level;
  Steps[l.level] |= uint8_t(1u << l.step);
}

CAIRN_INLINE void Space::unlist(uint32_t n) {
  ListIndex l = listOf(Nodes[n].run.length);
  uint32_t next = Nodes[n].next, prev = Nodes[n].prev;
  if (next)
    Nodes[next].prev = prev;
  if (prev) {
    Nodes[prev].next = next;
  } else if (!(Heads[l.level][l.step] = next)) {
    if (!(Steps[l.level] &= uint8_t(~(1u << l.step))))
      Levels &= ~(1u << l.level);
  }
}

/// The node of a free run that holds `length` granules from a multiple of `align`; 0 if
/// there is none.
CAIRN_INLINE uint32_t Space::find(uint64_t length, uint64_t align) {
  auto fits = [&](uint32_t n) {
    uint64_t g = Nodes[n].first, first = (g + align - 1) & ~(align - 1);
    return first - g + length <= Nodes[n].run.length;
  };
  // A run freed before has just this length and place: try a few that may fit.
  ListIndex exact = listOf(length);
  unsigned tries = 8;
  for (uint32_t n = Heads[exact.level][exact.step]; n && tries; n = Nodes[n].next, --tries)
    if (fits(n))
      return n;
  for (uint64_t want = roundToList(length);; want = roundToList(length + align - 1)) {
    ListIndex l = listOf(want);
    unsigned level = l.level, step = l.step;
    uint8_t steps = level < kLevels ? uint8_t(Steps[level] & (0xffu << step)) : 0;
    if (!steps) {
      uint32_t levels = level + 1 < kLevels ? Levels & (~0u << (level + 1)) : 0;
      if (!levels)
        break;
      level = unsigned(__builtin_ctz(levels));
      steps = Steps[level];
    }
    uint32_t n = Heads[level][__builtin_ctz(steps)];
    if (fits(n))
      return n;
    if (want >= length + align - 1)
      break; // cannot be: such a run holds every alignment
  }
  // Nothing is sure to fit: look at each run that may, before the region counts as full.
  for (unsigned level = exact.level; level < kLevels; ++level)
    for (unsigned step = 0; step < kSteps; ++step)
      for (uint32_t n = Heads[level][step]; n; n = Nodes[n].next)
        if (fits(n))
          return n;
  return 0;
}

/// Makes the free run n usable up to `last`. If the system refuses that, gives another free run
/// that is usable already and holds as much, or 0.
__attribute__((noinline)) uint32_t Space::makeUsable(uint32_t n, uint64_t last, uint64_t length,
                                                     uint64_t align) {
  if (!reachNodes())
    return 0;
  if (reach(last))
    return n;
  for (unsigned level = 0; level < kLevels; ++level)
    for (unsigned step = 0; step < kSteps; ++step)
      for (uint32_t m = Heads[level][step]; m; m = Nodes[m].next) {
        uint64_t g = Nodes[m].first, end = ((g + align - 1) & ~(align - 1)) + length;
        if (end <= g + Nodes[m].run.length && end <= Ready)
          return m;
      }
  return 0;
}

/// `more` granules came into use, and `clean` of their pages had no memory behind them.
void Space::countUsed(uint64_t more, uint64_t clean) {
  Used += more;
  UsedBytes = Used << kGranuleShift;
  // Freed memory stays backed for the program's next phase, but not while the program reaches a
  // new peak: it would count in the peak.
  if (Used > Peak) {
    if (dirtyGranules() > kKeepAtPeak + Used / kKeepAtPeakPart)
      Pages.purgeSome(kPurgeFor * ((Used - Peak) >> kPageGranulesShift) + 1);
    Peak = Used;
  }
  if (clean && dirtyGranules() > mostDirty())
    Pages.purgeSome(kPurgeFor * clean);
}

uint64_t Space::mostDirty() const { return kKeepDirty + Used / 4; }

void Space::countFreed(uint64_t less) {
  Used -= less;
  UsedBytes = Used << kGranuleShift;
}

/// Granules [first, end) of the free run [free, freeEnd) come into use. True if they read as zero.
/// With `clear`, those in the pages at both ends, which other runs share, are zeroed if that makes
/// all of them zero.
CAIRN_INLINE bool Space::takePages(uint64_t first, uint64_t end, uint64_t free, uint64_t freeEnd,
                                   bool clear) {
  PageRange all = pagesOf(first, end), whole = all.within(free, freeEnd);
  uint64_t dirty = Pages.taken(whole.from, whole.to);
  countUsed(end - first, whole.from < whole.to ? whole.to - whole.from - dirty : 0);
  if (first >= Frontier)
    return true;
  if (dirty || whole.from >= whole.to)
    return false;
  if (all.from == whole.from && all.to == whole.to)
    return true;
  if (!clear)
    return false;
  uint64_t from = whole.from << kPageGranulesShift, to = whole.to << kPageGranulesShift;
  if (first < from)
    __builtin_memset(reinterpret_cast<void *>(addressOf(first)), 0,
                     size_t(from - first) << kGranuleShift);
  if (to < end)
    __builtin_memset(reinterpret_cast<void *>(addressOf(to)), 0, size_t(end - to) << kGranuleShift);
  return true;
}

/// Granules [first, end) came free, and are now a part of the free run [free, freeEnd).
void Space::givePages(uint64_t first, uint64_t end, uint64_t free, uint64_t freeEnd) {
  PageRange whole = pagesOf(first, end).within(free, freeEnd);
  Pages.freed(whole.from, whole.to);
}

uint64_t Space::take(uint64_t length, uint64_t align, bool *zero) {
  if (length == 0 || length >= Granules || align >= Granules)
    return kNone;
  uint32_t n = find(length, align);
  if (!n)
    return kNone;
  uint64_t g = Nodes[n].first;
  uint64_t first = (g + align - 1) & ~(align - 1), last = first + length;
  if (__builtin_expect(!usable(last), 0)) {
    if (!(n = makeUsable(n, last, length, align)))
      return kNone;
    g = Nodes[n].first;
    first = (g + align - 1) & ~(align - 1);
    last = first + length;
  }
  uint64_t end = g + Nodes[n].run.length;
  CAIRN_ASSERT("run", &Nodes[n], !Nodes[n].run.used && last <= end && last <= Ready, n, last, end,
               Ready);
  unlist(n);
  if (first != g) {
    Nodes[n].run.length = first - g;
    list(n);
    n = addNode(n, first, length);
  }
  if (last != end)
    list(addNode(n, last, end - last));
  Run r{};
  r.length = length;
  r.used = 1;
  Nodes[n].run = r;
  bool clean = takePages(first, last, g, end, zero);
  if (zero)
    *zero = clean;
  if (last > Frontier)
    __atomic_store_n(&Frontier, last, __ATOMIC_RELAXED);
  validateAtTimes(*this);
  return first;
}

void Space::give(uint64_t g) {
  uint32_t n = tag(g), left = Nodes[n].left, right = Nodes[n].right;
  uint64_t end = g + Nodes[n].run.length;
  CAIRN_ASSERT("run", &Nodes[n], starts(g) && Nodes[n].run.used && Nodes[n].first == g, n, g,
               Nodes[n].first, Nodes[n].run.used);
  countFreed(end - g);
  if (right && !Nodes[right].run.used) {
    unlist(right);
    dropNode(right);
  }
  if (!Nodes[left].run.used) {
    unlist(left);
    dropNode(n);
    n = left;
  } else {
    Run r{};
    r.length = Nodes[n].run.length;
    Nodes[n].run = r;
  }
  list(n);
  uint64_t first = Nodes[n].first;
  givePages(g, end, first, first + Nodes[n].run.length);
  validateAtTimes(*this);
}

void Space::trim() {
  if (KeepsAll)
    return;
  uint64_t g = runOf(Granules - 1);
  if (run(g).used || g >= Ready)
    return;
  size_t usable = Memory.ready();
  auto worth = [&](uint64_t from) {
    size_t keep = size_t(from * platform::kPage);
    return usable >= keep + kWorthTrimming && usable - keep >= usable / kTrimPart;
  };
  // The free run's first page may hold the end of the run before, so it stays.
  uint64_t from = ((g + 1) >> kPageGranulesShift) + 1;
  if (!worth(from))
    return;
  // A little dirty memory there is given up as well: no sweep would ever come for so little.
  if (dirtyBytes() <= kLittleDirty)
    Pages.forget(from);
  else if (!worth(from = Pages.dirtyEnd(from)))
    return;
  Memory.cut(size_t(from * platform::kPage));
  Ready = from << kPageGranulesShift;
  // The largest of the records is cut too: it counts under a limit as the region does.
  TagRoom.cutIfMuch(RecordBytes(Ready + 1).tags, kWorthTrimming);
  if (AlsoCut)
    AlsoCut(*this, Memory.ready());
  validateAtTimes(*this);
}

bool Space::sweep() {
  if (Pages.sweep())
    return true;
  trim();
  return false;
}

template <typename F> void Space::eachExtent(F f) {
  Extent *all[] = {&Memory, &NodeRoom, &TagRoom, &UnitTagRoom, &StartRoom, &SummaryRoom, &PageRoom};
  for (Extent *extent : all)
    f(*extent);
}

size_t Space::unhold() {
  size_t bytes = 0;
  eachExtent([&](Extent &extent) { bytes += extent.unhold(); });
  return bytes;
}

void Space::release() {
  eachExtent([](Extent &extent) { extent.release(); });
}

void Space::purgeIfMuch() {
  if (dirtyGranules() > mostDirty())
    purge();
}

bool Space::resize(uint64_t g, uint64_t length) {
  uint32_t n = tag(g), right = Nodes[n].right;
  uint64_t old = Nodes[n].run.length, next = g + old, last = next, end = g + length;
  if (length == old)
    return true;
  bool free = right && !Nodes[right].run.used;
  if (free)
    last += Nodes[right].run.length;
  if (end > last || (!usable(end) && !(reachNodes() && reach(end))))
    return false;
  // What is free to the right starts elsewhere, at a node of its own if there is any.
  if (free) {
    unlist(right);
    clearStart(next);
    if (end == last) {
      Nodes[right].run.length = 0;
      dropNode(right);
    } else {
      moveNode(right, end, last - end);
      list(right);
    }
  } else {
    list(addNode(n, end, last - end));
  }
  Nodes[n].run.length = length;
  if (end > Frontier)
    __atomic_store_n(&Frontier, end, __ATOMIC_RELAXED);
  if (length < old) {
    countFreed(old - length);
    givePages(end, next, end, last);
  } else {
    takePages(next, end, next, last, false);
  }
  validateAtTimes(*this);
  return true;
}

} // namespace cairn

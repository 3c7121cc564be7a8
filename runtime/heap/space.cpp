//===- space.cpp - A heap's region, in runs of granules -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/space.h"
#include "platform/platform.h"

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
constexpr size_t roundUp(size_t n, size_t to) { return (n + to - 1) / to * to; }
/// Free memory that was used and is kept, as backed, for reuse: this much, and a
/// quarter of what is in use. Giving back a program's working memory between its
/// phases costs more than the phases (docs/decisions/0001-heap.md).
constexpr uint64_t kKeepDirty = (size_t(16) << 20) >> kGranuleShift;
constexpr uint64_t kNoRegret = ~uint64_t(0);
} // namespace

size_t Space::recordBytes(size_t region) {
  size_t n = region >> kGranuleShift;
  size_t words = (n + 63) / 64 + 1;
  return roundUp(n * sizeof(Record), platform::kPage) +
         roundUp((n / kUnit + 1) * sizeof(Record), platform::kPage) +
         roundUp(words * 8, platform::kPage) + roundUp((words / 64 + 1) * 8, platform::kPage);
}

void Space::init(uintptr_t base, size_t region, char *records) {
  Base = base;
  Granules = region >> kGranuleShift;
  size_t words = (Granules + 63) / 64 + 1;
  auto part = [&](size_t bytes) {
    char *p = records;
    records += roundUp(bytes, platform::kPage);
    return p;
  };
  Records = reinterpret_cast<Record *>(part(Granules * sizeof(Record)));
  UnitRecords = reinterpret_cast<Record *>(part((Granules / kUnit + 1) * sizeof(Record)));
  Starts = reinterpret_cast<uint64_t *>(part(words * 8));
  Summary = reinterpret_cast<uint64_t *>(part((words / 64 + 1) * 8));
  run(0) = Run{};
  run(0).length = 1;
  run(0).used = 1;
  run(0).slab = 1; // of no role: nothing resolves to it
  setStart(0);
  Frontier = 1;
  Regret = kNoRegret;
  insert(1, Granules - 1, false);
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

void Space::insert(uint64_t g, uint64_t length, bool dirty) {
  Run r{};
  r.length = length;
  r.dirty = dirty;
  run(g) = r;
  setStart(g);
  ListIndex l = listOf(length);
  uint32_t &head = Heads[l.level][l.step];
  record(g).next = head;
  record(g).prev = 0;
  if (head)
    record(head).prev = uint32_t(g);
  head = uint32_t(g);
  Levels |= 1u << l.level;
  Steps[l.level] |= uint8_t(1u << l.step);
}

void Space::remove(uint64_t g) {
  ListIndex l = listOf(run(g).length);
  uint32_t next = record(g).next, prev = record(g).prev;
  if (next)
    record(next).prev = prev;
  if (prev) {
    record(prev).next = next;
  } else if (!(Heads[l.level][l.step] = next)) {
    if (!(Steps[l.level] &= uint8_t(~(1u << l.step))))
      Levels &= ~(1u << l.level);
  }
}

/// A free run that holds `length` granules from a multiple of `align`.
uint64_t Space::find(uint64_t length, uint64_t align) {
  auto fits = [&](uint64_t g) {
    uint64_t first = (g + align - 1) & ~(align - 1);
    return first - g + length <= run(g).length;
  };
  // A run freed before has just this length and place: try a few that may fit.
  ListIndex exact = listOf(length);
  unsigned tries = 8;
  for (uint32_t g = Heads[exact.level][exact.step]; g && tries; g = record(g).next, --tries)
    if (fits(g))
      return g;
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
    uint32_t g = Heads[level][__builtin_ctz(steps)];
    if (fits(g))
      return g;
    if (want >= length + align - 1)
      break; // cannot be: such a run holds every alignment
  }
  // Nothing is sure to fit: look at each run that may, before the region counts as full.
  for (unsigned level = exact.level; level < kLevels; ++level)
    for (unsigned step = 0; step < kSteps; ++step)
      for (uint32_t g = Heads[level][step]; g; g = record(g).next)
        if (fits(g))
          return g;
  return kNone;
}

void Space::countUsed(uint64_t more) {
  Used += more;
  UsedBytes = Used << kGranuleShift;
  if (Used > Peak)
    Peak = Used;
  if (Used > Regret) {
    Returns = true;
    Regret = kNoRegret;
  }
}

void Space::countFreed(uint64_t less) {
  Used -= less;
  UsedBytes = Used << kGranuleShift;
}

uint64_t Space::take(uint64_t length, uint64_t align, bool *zero) {
  if (length == 0 || length >= Granules || align >= Granules)
    return kNone;
  uint64_t g = find(length, align);
  if (g == kNone)
    return kNone;
  Run free = run(g);
  remove(g);
  uint64_t first = (g + align - 1) & ~(align - 1);
  if (first != g)
    insert(g, first - g, free.dirty);
  uint64_t rest = g + free.length - (first + length);
  if (rest)
    insert(first + length, rest, free.dirty);
  Run r{};
  r.length = length;
  r.used = 1;
  run(first) = r;
  setStart(first);
  if (free.dirty)
    Dirty = Dirty > length ? Dirty - length : 0;
  if (zero)
    *zero = first >= Frontier;
  if (first + length > Frontier)
    Frontier = first + length;
  countUsed(length);
  return first;
}

void Space::give(uint64_t g) {
  uint64_t length = run(g).length;
  countFreed(length);
  Dirty += length;
  clearStart(g);
  uint64_t next = g + length;
  if (next < Granules && !run(next).used) {
    remove(next);
    clearStart(next);
    length += run(next).length;
  }
  uint64_t prev = runOf(g);
  if (!run(prev).used) {
    remove(prev);
    clearStart(prev);
    length += run(prev).length;
    g = prev;
  }
  insert(g, length, true);
  purgeIfMuch();
}

void Space::purgeIfMuch() {
  uint64_t keep = kKeepDirty + Used / 4;
  if (Returns && Peak - Used > keep)
    keep = Peak - Used;
  if (Dirty <= keep)
    return;
  uint64_t wanted = Used + Dirty / 2;
  purge();
  if (KeepReturning)
    Regret = wanted;
}

bool Space::resize(uint64_t g, uint64_t length) {
  Run r = run(g);
  if (length == r.length)
    return true;
  uint64_t next = g + r.length;
  bool free = next < Granules && !run(next).used;
  uint64_t room = r.length + (free ? run(next).length : 0);
  if (length > room)
    return false;
  bool dirty = length < r.length;
  if (free) {
    dirty |= run(next).dirty;
    remove(next);
    clearStart(next);
  }
  if (length < r.length) {
    countFreed(r.length - length);
    Dirty += r.length - length;
  } else {
    countUsed(length - r.length);
  }
  if (room > length)
    insert(g + length, room - length, dirty);
  if (g + length > Frontier)
    Frontier = g + length;
  run(g).length = length;
  purgeIfMuch();
  return true;
}

size_t Space::purge() {
  size_t given = 0;
  for (unsigned level = 0; level < kLevels; ++level)
    for (unsigned step = 0; step < kSteps; ++step)
      for (uint32_t g = Heads[level][step]; g; g = record(g).next) {
        if (!run(g).dirty)
          continue;
        uint64_t last = g + run(g).length;
        uintptr_t from = roundUp(addressOf(g), platform::kPage);
        uintptr_t to =
            addressOf(last < Frontier ? last : Frontier) / platform::kPage * platform::kPage;
        if (to <= from)
          continue;
        platform::purge(reinterpret_cast<void *>(from), to - from);
        given += to - from;
        run(g).dirty = 0;
      }
  Dirty = 0;
  return given;
}

} // namespace cairn

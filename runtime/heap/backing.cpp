//===- backing.cpp - Which free pages have memory -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/backing.h"
#include "platform/platform.h"

namespace cairn {

namespace {
/// What one call of sweep() does under the heap's lock at most: about 100 microseconds.
constexpr uint64_t kSweepPages = 256, kSweepWords = 16384;
/// The rarest sweeps are one in 16 delays.
constexpr unsigned kMostPatience = 4;
} // namespace

/// Purges pages, neighbours in one call of the system.
class Backing::Batch {
public:
  explicit Batch(Backing &b) : B(b) {}
  Batch(const Batch &) = delete;
  void add(uint64_t word, uint64_t pages) {
    B.Words[word].dirty &= ~pages;
    B.Words[word].old &= ~pages;
    Pages += unsigned(__builtin_popcountll(pages));
    while (pages) {
      unsigned first = unsigned(__builtin_ctzll(pages));
      uint64_t rest = ~(pages >> first);
      unsigned n = rest ? unsigned(__builtin_ctzll(rest)) : 64;
      pages &= n < 64 ? ~(((uint64_t(1) << n) - 1) << first) : 0;
      uint64_t page = word * 64 + first;
      if (page != To) {
        flush();
        From = page;
      }
      To = page + n;
    }
  }
  uint64_t pages() const { return Pages; }
  size_t finish() {
    flush();
    B.Dirty -= Pages;
    return size_t(Pages * platform::kPage);
  }

private:
  void flush() {
    if (From < To)
      platform::purge(reinterpret_cast<void *>(B.Base + From * platform::kPage),
                      size_t((To - From) * platform::kPage));
    From = To;
  }
  Backing &B;
  uint64_t From = 0, To = 0, Pages = 0;
};

size_t Backing::recordBytes(size_t region) {
  size_t words = region / platform::kPage / 64 + 1;
  return (words * sizeof(Word) + platform::kPage - 1) / platform::kPage * platform::kPage;
}

void Backing::init(uintptr_t base, char *records) {
  Base = base;
  Words = reinterpret_cast<Word *>(records);
}

uint64_t Backing::dirtyEnd(uint64_t least) const {
  for (uint64_t word = Reach; word * 64 > least; --word)
    if (uint64_t dirty = Words[word - 1].dirty) {
      uint64_t end = word * 64 - unsigned(__builtin_clzll(dirty));
      return end > least ? end : least;
    }
  return least;
}

void Backing::forget(uint64_t from) {
  for (uint64_t end; (end = dirtyEnd(from)) > from;) {
    Word &w = Words[(end - 1) / 64];
    uint64_t first = (end - 1) / 64 * 64;
    uint64_t gone = w.dirty & (first >= from ? ~uint64_t(0) : ~uint64_t(0) << (from - first));
    w.dirty &= ~gone;
    w.old &= ~gone;
    Dirty -= unsigned(__builtin_popcountll(gone));
  }
}

size_t Backing::purge() {
  Batch batch(*this);
  for (uint64_t word = 0; word < Reach; ++word)
    batch.add(word, Words[word].dirty);
  return batch.finish();
}

size_t Backing::purgeSome(uint64_t pages) {
  Batch batch(*this);
  for (uint64_t left = Reach; left && batch.pages() < pages; --left) {
    if (SomeAt >= Reach)
      SomeAt = 0;
    batch.add(SomeAt, Words[SomeAt].dirty);
    ++SomeAt;
  }
  return batch.finish();
}

bool Backing::sweep() {
  if (SweepAt == 0) {
    if (Given >= kSweepPages && Missed >= Given / 2) {
      // Too early: whoever freed it is back.
      Patience += Patience < kMostPatience;
      Given = 0;
    }
    if (++Waited < 1u << Patience)
      return false;
    Waited = 0;
    if (Given && Patience) // nobody missed what the last one gave
      --Patience;
    Given = Missed = 0;
  }
  Batch batch(*this);
  uint64_t end = SweepAt + kSweepWords < Reach ? SweepAt + kSweepWords : Reach;
  if (!Dirty)
    SweepAt = end = Reach;
  for (; SweepAt < end && batch.pages() < kSweepPages; ++SweepAt) {
    Word &w = Words[SweepAt];
    batch.add(SweepAt, w.dirty & w.old);
    w.old = w.dirty;
  }
  Given += batch.finish() / platform::kPage;
  if (SweepAt < Reach)
    return true;
  SweepAt = 0;
  return false;
}

} // namespace cairn

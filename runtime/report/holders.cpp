//===- holders.cpp - Who holds an object that was said to be unique -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fields of live objects and blocks are found by a walk of all heaps, variables of the program and
// its libraries by their words; one that only borrows is named as well. What is left of the count
// may be in variables of functions, which hold the address in registers and on stacks, where it
// may be stale, in those of threads, or in other memory: these are not looked at.
//
//===----------------------------------------------------------------------===//

#include "object/object.h"
#include "report/describe.h"
#include "report/leaks.h"

namespace cairn {

namespace {

constexpr unsigned kMostNamed = 8;

struct Holders {
  Text &text;
  const Graph &graph;
  unsigned counts = 0; ///< Of the object's counts, those that were found.
  unsigned named = 0, more = 0;

  bool begin() {
    if (named == kMostNamed) {
      ++more;
      return false;
    }
    ++named;
    text << "\n  held by ";
    return true;
  }
  void field(uint32_t holder, uint32_t offset);
  void variable(const void *at);
};

void Holders::field(uint32_t holder, uint32_t offset) {
  const Graph::Node &node = graph.nodes[holder];
  counts += node.object;
  if (!begin())
    return;
  Known known = knownOf(heapAt(node.heap), node.p, node.object ? node.meta : 0);
  text << (node.object ? known.what : "block");
  if (known.type)
    text << " of type " << known.type;
  text << " at " << static_cast<const void *>(node.p) << ", byte " << offset;
  if (known.made) {
    text << ", made at ";
    describeSite(text, {known.made});
  }
}

void Holders::variable(const void *at) {
  ++counts;
  if (!begin())
    return;
  char symbol[256];
  platform::nameAddress(at, false, text.ends, symbol, sizeof(symbol));
  text << "global ";
  if (*symbol)
    text << static_cast<const char *>(symbol);
  else
    text << at;
}

// Of the walk over variables; the process has one report at a time.
Holders *walking;
uintptr_t notWanted; ///< The reference's complement: no word that is found is this walk's own.

/// Other threads may write to what it reads, and there are sanitizers' gaps in it.
__attribute__((no_sanitize("address", "thread"))) void lookAtVariables(uintptr_t from,
                                                                       uintptr_t end) {
  from = (from + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
  for (; from + sizeof(void *) <= end; from += sizeof(void *))
    if (*reinterpret_cast<const uintptr_t *>(from) == ~notWanted)
      walking->variable(reinterpret_cast<const void *>(from));
}

/// The variables of the program and its libraries that are the reference.
void findVariables(Holders &holders, const void *ref) {
  walking = &holders;
  notWanted = ~reinterpret_cast<uintptr_t>(ref);
  platform::eachGlobal(lookAtVariables);
}

} // namespace

void failShared(const void *ref) {
  Text what, more;
  more.ends = true;
  const int32_t n = loadCount(ref);
  if (!heapOf(ref)) {
    fail(CAIRN_ERROR_UNIQUE, ref, "asserted to be unique, but it is a static object");
    return;
  }
  if (n <= kStickyBand) {
    fail(CAIRN_ERROR_UNIQUE, ref, "asserted to be unique, but its count never changes again");
    return;
  }
  const uint64_t count = n > 0 ? uint64_t(n) : uint64_t(-int64_t(n));
  what << "asserted to be unique, but its count is " << count;
  Graph graph;
  Holders holders = {more, graph};
  if (const uint32_t node = graph.find(ref); node != Graph::kNone)
    for (uint32_t holder = 0; holder < graph.count; ++holder)
      graph.eachReference(holder, [&](uint32_t offset, uint32_t to) {
        if (to == node)
          holders.field(holder, offset);
      });
  findVariables(holders, ref);
  if (holders.more)
    more << "\n  held by " << holders.more << " more";
  if (count > holders.counts) {
    const uint64_t rest = count - holders.counts;
    more << "\n  held by " << rest << (rest == 1 ? " other" : " others")
         << ": a variable of a function or a thread, other memory, or nobody any more";
  }
  failWith(CAIRN_ERROR_UNIQUE, ref, what.text(), more.text());
}

} // namespace cairn

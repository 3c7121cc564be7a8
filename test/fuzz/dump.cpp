//===- dump.cpp - Dumps of heaps, read and looked at ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A libFuzzer target (docs/testing.md). The input is a dump's text. What is refused says why;
// what is not has numbers that agree with each other.
//
//===----------------------------------------------------------------------===//

#include "heap_dump.h"

#include "llvm/ADT/StringRef.h"
#include <cstdlib>

using namespace llvm;
using namespace cairn;

/// The driver's; nothing here prints.
int cairn::fail(const Twine &) { return 1; }

static void expect(bool sound) {
  if (!sound)
    abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  HeapDump dump;
  if (!parseDump(StringRef(reinterpret_cast<const char *>(data), size), dump).empty())
    return 0;
  HeapGraph graph(dump);
  uint64_t all = 0, listed = 0;
  for (uint32_t i = 0; i < dump.nodes.size(); ++i) {
    all += dump.nodes[i].synthetic ? 0 : dump.nodes[i].size;
    if (uint32_t above = graph.dominator[i]; above != HeapDump::kNone)
      expect(graph.retained[i] >= dump.nodes[i].size && graph.retained[i] <= graph.retained[above]);
  }
  for (const HeapRow &row : typesOf(graph, &dump)) {
    listed += row.bytes;
    expect(row.bytes == row.bytesBefore && row.blocks == row.blocksBefore);
  }
  expect(listed == all);
  (void)sitesOf(dump, nullptr);
  for (const HeapGraph::Chain &chain : graph.chains())
    expect(chain.length > 2 && chain.length <= dump.nodes.size());
  uint64_t inCycles = 0;
  for (const HeapGraph::Cycle &cycle : graph.cycles())
    inCycles += cycle.count;
  expect(inCycles <= dump.nodes.size());
  for (uint32_t i : largest(graph, 10, nullptr))
    expect(!dump.nodes[i].synthetic && graph.before[i] != HeapDump::kNone);
  return 0;
}

//===- heap.cpp - cairn heap: what a dump holds, as text ------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap_dump.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace cairn;

namespace {

constexpr uint32_t kNone = HeapDump::kNone;

/// "3 blocks", "1 block".
std::string counted(uint64_t n, StringRef what) {
  return utostr(n) + " " + what.str() + (n == 1 ? "" : "s");
}

/// With its sign.
std::string change(uint64_t now, uint64_t before) {
  return now >= before ? "+" + utostr(now - before) : "-" + utostr(before - now);
}

void showHeaps(const HeapDump &dump) {
  for (const HeapDump::Heap &heap : dump.heaps) {
    if (!heap.there)
      continue;
    uint64_t slots = 0, live = 0, slabs = 0, large = 0;
    for (const HeapDump::Run &run : heap.runs) {
      slabs += run.isSlab();
      large += run.kind >= HeapDump::Run::LargeRaw && run.kind <= HeapDump::Run::LargeBytes;
      slots += uint64_t(run.slots) * run.slotSize;
      live += uint64_t(run.live) * run.slotSize;
    }
    outs() << formatv("heap {0} at {1:x}: {2} bytes in use, at most {3}; ", heap.name, heap.base,
                      heap.used, heap.peak)
           << counted(slabs, "slab");
    if (slots)
      outs() << formatv(", {0}% of their bytes live", live * 100 / slots);
    outs() << "; " << counted(large, "large block") << (heap.checked ? "; checked" : "") << "\n";
  }
}

void showRows(ArrayRef<HeapRow> rows, StringRef what, bool retained, bool changes, unsigned top) {
  outs() << formatv("\n{0,12} {1,14}", "blocks", "bytes");
  if (retained)
    outs() << formatv(" {0,14}", "retained");
  if (changes)
    outs() << formatv(" {0,12} {1,14}", "blocks +-", "bytes +-");
  outs() << "  " << what << "\n";
  unsigned shown = 0;
  for (const HeapRow &row : rows) {
    if (shown++ == top)
      break;
    outs() << formatv("{0,12} {1,14}", row.blocks, row.bytes);
    if (retained)
      outs() << formatv(" {0,14}", row.retained);
    if (changes)
      outs() << formatv(" {0,12} {1,14}", change(row.blocks, row.blocksBefore),
                        change(row.bytes, row.bytesBefore));
    outs() << "  " << row.name << "\n";
  }
  if (rows.size() > top)
    outs() << formatv("{0,12} more\n", rows.size() - top);
}

void showBlock(const HeapGraph &graph, uint32_t i) {
  const HeapDump::Node &node = graph.dump.nodes[i];
  outs() << formatv("{0:x}: {1}, {2} bytes", graph.dump.addressOf(i), graph.dump.nameOf(i),
                    node.size);
  if (node.count == UINT32_MAX)
    outs() << ", immortal";
  else if (node.count)
    outs() << ", count " << node.count;
  if (node.tag)
    outs() << ", tag " << node.tag;
}

/// The block that the address lies in.
uint32_t blockAt(const HeapDump &dump, uint64_t address) {
  for (uint32_t i = 0; i < dump.nodes.size(); ++i)
    if (!dump.nodes[i].synthetic &&
        address - dump.addressOf(i) < std::max<uint64_t>(dump.nodes[i].size, 1))
      return i;
  return kNone;
}

int showObject(const HeapGraph &graph, Symbols &symbols, uint64_t address, unsigned top) {
  const HeapDump &dump = graph.dump;
  uint32_t wanted = blockAt(dump, address);
  if (wanted == kNone)
    return fail(formatv("{0:x} is in no block of {1}", address, dump.path));
  showBlock(graph, wanted);
  outs() << formatv(", retains {0} bytes\n", graph.retained[wanted]);
  if (std::string place = dump.placeOf(dump.nodes[wanted].site); !place.empty())
    outs() << "  made at " << place << "\n";
  outs() << "  path: " << pathTo(graph, symbols, wanted) << "\n";
  std::string above;
  for (uint32_t i = graph.dominator[wanted]; i != kNone && i; i = graph.dominator[i])
    if (!dump.nodes[i].synthetic)
      above += formatv("\n    {0:x}: {1}, retains {2} bytes", dump.addressOf(i), dump.nameOf(i),
                       graph.retained[i])
                   .str();
  if (!above.empty())
    outs() << "  only reached through:" << above << "\n";
  outs() << "  refers to:\n";
  unsigned shown = 0;
  for (const HeapDump::Edge &edge : dump.edgesOf(wanted)) {
    if (shown++ == top)
      break;
    outs() << "    +" << edge.offset << ": ";
    showBlock(graph, edge.to);
    outs() << "\n";
  }
  outs() << "  held by:\n";
  uint64_t holders = 0;
  for (uint32_t i = 1; i < dump.nodes.size(); ++i)
    for (const HeapDump::Edge &edge : dump.edgesOf(i))
      if (edge.to == wanted && holders++ < top) {
        outs() << "    ";
        if (dump.nodes[i].synthetic) {
          outs() << symbols.variable(dump.nameOf(i), edge.offset);
        } else {
          outs() << "+" << edge.offset << " of ";
          showBlock(graph, i);
        }
        outs() << "\n";
      }
  outs() << "  " << counted(holders, "reference") << " found";
  if (uint32_t n = dump.nodes[wanted].count; n && n != UINT32_MAX)
    outs() << "; its count is " << n;
  outs() << "\n";
  return 0;
}

void showCycles(const HeapGraph &graph, unsigned top) {
  auto cycles = graph.cycles();
  if (cycles.empty())
    return;
  outs() << "\ncycles: blocks that each reach each other\n";
  unsigned shown = 0;
  for (const HeapGraph::Cycle &cycle : cycles) {
    if (shown++ == top)
      break;
    outs() << formatv("{0,12} {1,14}  ", cycle.count, cycle.bytes);
    ListSeparator comma;
    for (uint32_t i : cycle.nodes)
      outs() << comma << graph.dump.nameOf(i) << formatv(" {0:x}", graph.dump.addressOf(i));
    outs() << (cycle.count > cycle.nodes.size() ? ", ...\n" : "\n");
  }
}

} // namespace

int cairn::showHeap(const HeapOptions &options) {
  HeapDump dump, older;
  if (!readDump(options.file, dump))
    return 1;
  bool compares = !options.since.empty();
  if (compares && !readDump(options.since, older))
    return 1;
  Symbols symbols;
  symbols.name(dump);
  if (compares)
    symbols.name(older);
  const HeapDump *since = compares ? &older : nullptr;
  HeapGraph graph(dump);
  if (options.address)
    return showObject(graph, symbols, options.address, options.top);
  if (!options.page.empty())
    return !writePage(options.page, graph, symbols, since);

  uint64_t blocks = 0, bytes = 0;
  for (const HeapDump::Node &node : dump.nodes) {
    blocks += !node.synthetic;
    bytes += node.size;
  }
  outs() << counted(blocks, "block") << ", " << counted(bytes, "byte") << ", of process "
         << dump.process << "\n";
  showHeaps(dump);
  showRows(typesOf(graph, since), "type", true, compares, options.top);
  if (auto sites = sitesOf(dump, since); !sites.empty())
    showRows(sites, "made at", false, compares, options.top);
  outs() << formatv("\n{0,12} {1,14}  ", "retained", "own bytes")
         << (compares ? "block that is new, and a path to it\n" : "block, and a path to it\n");
  for (uint32_t i : largest(graph, options.top, since)) {
    outs() << formatv("{0,12} {1,14}  {2:x} ", graph.retained[i], dump.nodes[i].size,
                      dump.addressOf(i))
           << pathTo(graph, symbols, i) << "\n";
  }
  if (auto chains = graph.chains(); !chains.empty()) {
    outs() << "\nlongest chains of one type\n";
    for (const HeapGraph::Chain &chain : ArrayRef(chains).take_front(options.top))
      outs() << formatv("{0,12}  {1:x} ", chain.length, dump.addressOf(chain.first))
             << pathTo(graph, symbols, chain.first) << "\n";
  }
  showCycles(graph, options.top);
  return 0;
}

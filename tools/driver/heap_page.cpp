//===- heap_page.cpp - A dump of heaps as one page -------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// heap_page.html with the data in it as JSON. The page draws what it is given: what is counted,
// sorted and left out is decided here, so that the page of a large heap stays a few hundred KB.
//
//===----------------------------------------------------------------------===//

#include "heap_page.inc" // kHeapPage: heap_page.html
#include "heap_dump.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace llvm;
using namespace cairn;

namespace {

constexpr uint32_t kNone = HeapDump::kNone;
constexpr size_t kCells = 2048, kRows = 300, kTreeNodes = 3000;
constexpr uint64_t kGranule = 256;

std::string hex(uint64_t n) { return formatv("{0:x}", n); }

json::Array cellsOf(const HeapDump::Heap &heap, uint64_t &granules) {
  uint64_t total = 0;
  for (const HeapDump::Run &run : heap.runs)
    total += run.length;
  granules = std::max<uint64_t>(1, (total + kCells - 1) / kCells);
  struct Cell {
    uint64_t of[HeapDump::Run::Reserved + 1] = {}; ///< Granules of each kind.
    double live = 0;
  };
  std::vector<Cell> cells((total + granules - 1) / granules);
  uint64_t at = 0;
  for (const HeapDump::Run &run : heap.runs) {
    double live = run.isSlab() && run.slots ? double(run.live) / run.slots
                  : run.kind == HeapDump::Run::Free || run.kind == HeapDump::Run::Waiting ? 0
                                                                                          : 1;
    for (uint64_t end = at + run.length; at < end;) {
      Cell &cell = cells[at / granules];
      uint64_t n = std::min(end, (at / granules + 1) * granules) - at;
      cell.of[run.kind] += n;
      cell.live += live * double(n);
      at += n;
    }
  }
  json::Array all;
  for (const Cell &cell : cells) {
    auto most = std::max_element(std::begin(cell.of), std::end(cell.of));
    all.push_back(
        json::Array{int64_t(most - cell.of), int64_t(cell.live * 100 / double(granules) + 0.5)});
  }
  return all;
}

json::Array classesOf(const HeapDump::Heap &heap) {
  std::map<std::pair<uint32_t, int>, std::array<int64_t, 3>> classes;
  for (const HeapDump::Run &run : heap.runs)
    if (run.isSlab()) {
      auto &at = classes[{run.slotSize, int(run.kind)}];
      at[0] += 1;
      at[1] += run.slots;
      at[2] += run.live;
    }
  json::Array all;
  for (const auto &[key, at] : classes)
    all.push_back(json::Array{int64_t(key.first), key.second, at[0], at[1], at[2]});
  return all;
}

json::Array rowsOf(ArrayRef<HeapRow> rows) {
  json::Array all;
  for (const HeapRow &row : rows.take_front(kRows))
    all.push_back(json::Array{json::fixUTF8(row.name), row.blocks, row.bytes, row.retained,
                              row.blocksBefore, row.bytesBefore});
  return all;
}

/// [place in the list of the one above, name, address, own bytes, retained bytes] for each node
/// that retains enough to be seen, those that retain most first.
json::Array treeOf(const HeapGraph &graph) {
  const HeapDump &dump = graph.dump;
  std::vector<std::vector<uint32_t>> below(1);
  std::vector<uint32_t> nodes;
  for (uint32_t i = 1; i < dump.nodes.size(); ++i)
    if (graph.dominator[i] != kNone && graph.retained[i])
      nodes.push_back(i);
  if (nodes.size() > kTreeNodes) {
    // One with as many bytes is above whatever it dominates, or beside it in number.
    std::nth_element(nodes.begin(), nodes.begin() + kTreeNodes, nodes.end(),
                     [&](uint32_t a, uint32_t b) {
                       return std::pair(graph.retained[b], a) < std::pair(graph.retained[a], b);
                     });
    nodes.resize(kTreeNodes);
  }
  llvm::sort(nodes, [&](uint32_t a, uint32_t b) {
    return std::pair(graph.retained[b], a) < std::pair(graph.retained[a], b);
  });
  std::map<uint32_t, int64_t> place;
  for (size_t k = 0; k < nodes.size(); ++k)
    place[nodes[k]] = int64_t(k);
  json::Array all;
  for (uint32_t i : nodes) {
    // What is left out above it would hide it.
    uint32_t above = graph.dominator[i];
    while (above && !place.count(above))
      above = graph.dominator[above];
    all.push_back(json::Array{above ? place[above] : -1, json::fixUTF8(dump.nameOf(i)),
                              dump.nodes[i].synthetic ? "" : hex(dump.addressOf(i)),
                              dump.nodes[i].size, graph.retained[i]});
  }
  return all;
}

json::Value dataOf(const HeapGraph &graph, Symbols &symbols, const HeapDump *older) {
  const HeapDump &dump = graph.dump;
  uint64_t blocks = 0, bytes = 0;
  for (const HeapDump::Node &node : dump.nodes) {
    blocks += !node.synthetic;
    bytes += node.size;
  }
  json::Array heaps, largest, chains, cycles;
  for (const HeapDump::Heap &heap : dump.heaps)
    if (heap.there) {
      uint64_t granules = 1;
      json::Array cells = cellsOf(heap, granules);
      heaps.push_back(json::Object{{"name", json::fixUTF8(heap.name)},
                                   {"base", hex(heap.base)},
                                   {"used", heap.used},
                                   {"peak", heap.peak},
                                   {"checked", heap.checked},
                                   {"cellBytes", granules * kGranule},
                                   {"cells", std::move(cells)},
                                   {"classes", classesOf(heap)}});
    }
  auto path = [&](uint32_t i) { return json::fixUTF8(pathTo(graph, symbols, i)); };
  for (uint32_t i : cairn::largest(graph, 100, older))
    largest.push_back(
        json::Array{hex(dump.addressOf(i)), dump.nodes[i].size, graph.retained[i], path(i)});
  auto longest = graph.chains();
  for (const HeapGraph::Chain &chain : ArrayRef(longest).take_front(30))
    chains.push_back(
        json::Array{chain.length, hex(dump.addressOf(chain.first)), path(chain.first)});
  auto found = graph.cycles();
  for (const HeapGraph::Cycle &cycle : ArrayRef(found).take_front(30)) {
    std::string names;
    for (uint32_t i : cycle.nodes)
      names += (names.empty() ? "" : ", ") + dump.nameOf(i) + " " + hex(dump.addressOf(i));
    cycles.push_back(
        json::Array{cycle.count, cycle.bytes,
                    json::fixUTF8(names) + (cycle.count > cycle.nodes.size() ? ", ..." : "")});
  }
  return json::Object{{"path", json::fixUTF8(dump.path)},
                      {"process", dump.process},
                      {"time", dump.time},
                      {"blocks", blocks},
                      {"bytes", bytes},
                      {"since", json::fixUTF8(older ? older->path : "")},
                      {"heaps", std::move(heaps)},
                      {"types", rowsOf(typesOf(graph, older))},
                      {"sites", rowsOf(sitesOf(dump, older))},
                      {"largest", std::move(largest)},
                      {"chains", std::move(chains)},
                      {"cycles", std::move(cycles)},
                      {"tree", treeOf(graph)}};
}

} // namespace

bool cairn::writePage(const std::string &path, const HeapGraph &graph, Symbols &symbols,
                      const HeapDump *older) {
  // No text in it may end the element that it stands in.
  std::string data;
  raw_string_ostream(data) << dataOf(graph, symbols, older);
  std::string safe;
  for (char c : data)
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  auto [before, after] = StringRef(kHeapPage).split("CAIRN_HEAP_DATA");
  return writeFile(path, [&](raw_ostream &file) { file << before << safe << after; });
}

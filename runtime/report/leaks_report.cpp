//===- leaks_report.cpp - Lost and reachable blocks, in words -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/checked.h"
#include "object/object.h"
#include "report/describe.h"
#include "report/dump.h"
#include "report/profile.h"
#include "report/leaks.h"

namespace cairn {

namespace {

using Node = Graph::Node;

/// Nodes that are reported together.
struct Group {
  const char *type, *what;
  unsigned made;
  Graph::State state;
  bool object;
  uint64_t blocks, bytes;
  uint32_t example;
};
constexpr uint32_t kGroups = 512;
constexpr unsigned kMostShown = 40, kLongestPath = 12;

struct Groups {
  Group all[kGroups];
  uint32_t used = 0;
  uint64_t more = 0; ///< Blocks of groups that there is no room for.

  void add(const Graph &graph, uint32_t i) {
    const Node &node = graph.nodes[i];
    Known known = knownOf(heapAt(node.heap), node.p, node.object ? node.meta : 0);
    for (uint32_t g = 0; g < used; ++g) {
      Group &group = all[g];
      if (group.made == known.made && group.state == node.state && group.object == node.object &&
          (group.type == known.type ||
           (group.type && known.type && !__builtin_strcmp(group.type, known.type)))) {
        ++group.blocks;
        group.bytes += node.size;
        return;
      }
    }
    if (used == kGroups) {
      ++more;
      return;
    }
    all[used++] = {known.type,  node.object ? known.what : "block",
                   known.made,  node.state,
                   node.object, 1,
                   node.size,   i};
  }
};

void name(Text &text, const Graph &graph, uint32_t i) {
  const Node &node = graph.nodes[i];
  if (!node.object) {
    text << "block";
    return;
  }
  Known known = knownOf(heapAt(node.heap), node.p, node.meta);
  text << (known.type ? known.type : known.what);
}

/// "global cache -> map_node+8 -> map_node+0 -> value"
void path(Text &text, const Graph &graph, uint32_t end) {
  uint32_t steps[kLongestPath], n = 0, i = end;
  while (i != Graph::kNone && n < kLongestPath) {
    steps[n++] = i;
    i = graph.nodes[i].from;
    if (i == end)
      break; // a cycle
  }
  const Node &root = graph.nodes[steps[n - 1]];
  if (i == end) { // the way round
    name(text, graph, end);
    text << "+" << root.offset << " -> ";
  }
  if (i != Graph::kNone && i != end) {
    text << "... -> ";
  } else if (root.root && root.state == Graph::Global) {
    char symbol[256];
    platform::nameAddress(root.root, false, true, symbol, sizeof(symbol));
    text << "global ";
    if (*symbol)
      text << static_cast<const char *>(symbol);
    else
      text << root.root;
    text << " -> ";
  } else if (root.root) {
    text << "memory at " << root.root << " -> ";
  }
  for (uint32_t k = n; k-- > 0;) {
    name(text, graph, steps[k]);
    if (k)
      text << "+" << graph.nodes[steps[k - 1]].offset << " -> ";
  }
}

void print(Text &text, const Graph &graph, const Group &group) {
  text << "  " << group.blocks << " " << group.what << (group.blocks == 1 ? "" : "s");
  if (group.type)
    text << " of type " << group.type;
  text << ", " << group.bytes << " bytes";
  if (group.made) {
    text << ", made at ";
    describeSite(text, {group.made});
  }
  text << "\n    ";
  const Node &node = graph.nodes[group.example];
  switch (group.state) {
  case Graph::Head:
    if (!group.object) {
      text << "nothing has its address";
      break;
    }
    text << "count " << uint64_t(node.count) << ", and " << node.inside
         << " references to it: " << uint64_t(node.count - node.inside) << " not given back";
    describeLeftover(text, node.p);
    break;
  case Graph::Held:
    text << "held by what is lost: ";
    path(text, graph, group.example);
    break;
  case Graph::Cycle:
    text << "in a cycle, or held by one: ";
    path(text, graph, group.example);
    break;
  default:
    path(text, graph, group.example);
  }
  text << "\n";
}

void printAll(Text &text, const Graph &graph, const Groups &groups, bool lost) {
  unsigned shown = 0;
  constexpr Graph::State order[] = {Graph::Head,   Graph::Cycle,   Graph::Held,
                                    Graph::Global, Graph::Outside, Graph::Stack};
  for (Graph::State state : order)
    for (uint32_t g = 0; g < groups.used; ++g) {
      if (groups.all[g].state != state || lost != (state >= Graph::Head))
        continue;
      if (shown++ < kMostShown)
        print(text, graph, groups.all[g]);
    }
  if (shown > kMostShown)
    text << "  and " << uint64_t(shown - kMostShown) << " groups more\n";
}

} // namespace

uint64_t reportLeaks(const Graph &graph, Heap *heap, bool reachable) {
  Text text;
  text.streams = text.ends = true;
  if (graph.full) {
    text << "cairn: no memory to look for leaks\n";
    text.flush();
    return 0;
  }
  static Groups groups; // one report at a time
  groups.used = 0;
  groups.more = 0;
  uint64_t lost = 0, lostBytes = 0, kept = 0;
  for (uint32_t i = 0; i < graph.count; ++i) {
    const Node &node = graph.nodes[i];
    if (heap && heapAt(node.heap) != heap)
      continue;
    bool isLost = node.state >= Graph::Head;
    if (isLost && node.object && node.count < 0)
      continue; // immortal
    if (isLost) {
      ++lost;
      lostBytes += node.size;
    } else {
      ++kept;
    }
    if (isLost || reachable)
      groups.add(graph, i);
  }
  if (lost) {
    text << "cairn: " << lost << (lost == 1 ? " block is lost, " : " blocks are lost, ")
         << lostBytes << " bytes\n";
    printAll(text, graph, groups, true);
  }
  if (reachable && kept) {
    text << "cairn: " << kept << (kept == 1 ? " block is" : " blocks are") << " still reachable\n";
    printAll(text, graph, groups, false);
  }
  text.flush();
  return lost;
}

namespace {

/// CAIRN_LEAKS=1, =all (with what is reachable), =error.
char wishedLeaks() {
  const char *wish = platform::environment("CAIRN_LEAKS");
  return !wish || !*wish || (*wish == '0' && !wish[1]) ? 0 : *wish;
}

/// What the process ends with if it has leaks, as other tools do.
constexpr int kLeakStatus = 23;

void atEnd() {
  char wish = wishedLeaks();
  // What waits is dead.
  uint64_t lost = reportLeaks(Graph(Graph::Stacks::None), nullptr, wish == 'a');
  if (lost && wish == 'e')
    platform::endWith(kLeakStatus);
}

} // namespace

void watchLeaks() {
  watchDump();
  watchProfile();
  if (wishedLeaks())
    platform::atExit(atEnd);
}

} // namespace cairn

using namespace cairn;

extern "C" CAIRN_API size_t cairn_leak_check(cairn_heap *h) {
  Heap *heap = orDefault(h);
  return heap ? size_t(reportLeaks(Graph(Graph::Stacks::Own), heap, false)) : 0;
}

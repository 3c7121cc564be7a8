//===- heap_graph.cpp - Who holds what in a dump of heaps -----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dominators are found by Lengauer and Tarjan's algorithm with path compression, cycles by
// Tarjan's. Neither recurses: a list of a million nodes is a path of that length.
//
//===----------------------------------------------------------------------===//

#include "heap_dump.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace llvm;

namespace cairn {

namespace {
constexpr uint32_t kNone = HeapDump::kNone;
}

HeapGraph::HeapGraph(const HeapDump &dump) : dump(dump) {
  findPaths();
  findDominators();
}

/// Breadth first, from the root.
void HeapGraph::findPaths() {
  size_t n = dump.nodes.size();
  before.assign(n, kNone);
  through.assign(n, kNone);
  std::vector<uint32_t> queue = {0};
  before[0] = 0;
  for (size_t at = 0; at < queue.size(); ++at) {
    uint32_t edge = dump.nodes[queue[at]].edges;
    for (const HeapDump::Edge &to : dump.edgesOf(queue[at])) {
      if (before[to.to] == kNone) {
        before[to.to] = queue[at];
        through[to.to] = edge;
        queue.push_back(to.to);
      }
      ++edge;
    }
  }
  before[0] = kNone;
}

void HeapGraph::findDominators() {
  size_t n = dump.nodes.size();
  dominator.assign(n, kNone);
  // Numbers in the order of a walk in depth; 0 is the root's.
  std::vector<uint32_t> number(n, kNone), node, parent;
  node.reserve(n);
  parent.reserve(n);
  struct Step {
    uint32_t node, edge, end;
  };
  auto step = [&](uint32_t i) {
    uint32_t first = dump.nodes[i].edges;
    return Step{i, first, first + uint32_t(dump.edgesOf(i).size())};
  };
  std::vector<Step> stack = {step(0)};
  number[0] = 0;
  node.push_back(0);
  parent.push_back(0);
  while (!stack.empty()) {
    Step &top = stack.back();
    if (top.edge == top.end) {
      stack.pop_back();
      continue;
    }
    uint32_t to = dump.edges[top.edge++].to;
    if (number[to] != kNone)
      continue;
    number[to] = uint32_t(node.size());
    parent.push_back(number[top.node]);
    node.push_back(to);
    stack.push_back(step(to));
  }
  // References the other way round, between numbers.
  size_t m = node.size();
  std::vector<uint32_t> first(m + 1), from;
  for (uint32_t i : node)
    for (const HeapDump::Edge &to : dump.edgesOf(i))
      ++first[number[to.to] + 1];
  for (size_t i = 0; i < m; ++i)
    first[i + 1] += first[i];
  from.resize(first[m]);
  std::vector<uint32_t> fill(first.begin(), first.end() - 1);
  for (uint32_t i : node)
    for (const HeapDump::Edge &to : dump.edgesOf(i))
      from[fill[number[to.to]]++] = number[i];

  std::vector<uint32_t> semi(m), label(m), ancestor(m, kNone), idom(m, kNone), bucket(m, kNone),
      next(m, kNone), path;
  for (uint32_t i = 0; i < m; ++i)
    semi[i] = label[i] = i;
  auto evaluate = [&](uint32_t i) {
    if (ancestor[i] == kNone)
      return i;
    for (uint32_t at = i; ancestor[ancestor[at]] != kNone; at = ancestor[at])
      path.push_back(at);
    while (!path.empty()) {
      uint32_t at = path.back(), above = ancestor[at];
      path.pop_back();
      if (semi[label[above]] < semi[label[at]])
        label[at] = label[above];
      ancestor[at] = ancestor[above];
    }
    return label[i];
  };
  for (uint32_t i = uint32_t(m); i-- > 1;) {
    for (uint32_t k = first[i]; k < first[i + 1]; ++k)
      semi[i] = std::min(semi[i], semi[evaluate(from[k])]);
    next[i] = bucket[semi[i]];
    bucket[semi[i]] = i;
    ancestor[i] = parent[i];
    for (uint32_t v = bucket[parent[i]]; v != kNone; v = next[v]) {
      uint32_t u = evaluate(v);
      idom[v] = semi[u] < semi[v] ? u : parent[i];
    }
    bucket[parent[i]] = kNone;
  }
  retained.assign(n, 0);
  for (uint32_t i = 1; i < m; ++i) {
    if (idom[i] != semi[i])
      idom[i] = idom[idom[i]];
    dominator[node[i]] = node[idom[i]];
  }
  // A dominator has a smaller number.
  for (uint32_t i = uint32_t(m); i-- > 0;) {
    retained[node[i]] += dump.nodes[node[i]].size;
    if (i)
      retained[node[idom[i]]] += retained[node[i]];
  }
}

std::vector<HeapGraph::Chain> HeapGraph::chains() const {
  // Of each node, the length of the chain that begins there: the longest one of the same type
  // that it dominates and refers to, and itself. From the ends on, in the order of dominators.
  size_t n = dump.nodes.size();
  std::vector<uint32_t> waiting(n), length(n, 1), ready;
  for (uint32_t i = 1; i < n; ++i)
    if (dominator[i] != kNone)
      ++waiting[dominator[i]];
  for (uint32_t i = 1; i < n; ++i)
    if (!waiting[i] && dominator[i] != kNone)
      ready.push_back(i);
  DenseMap<uint32_t, Chain> best;
  for (size_t at = 0; at < ready.size(); ++at) {
    uint32_t i = ready[at], above = dominator[i];
    if (!dump.nodes[i].synthetic) {
      auto [found, isNew] = best.try_emplace(dump.nodes[i].name, Chain{i, length[i]});
      if (!isNew && length[i] > found->second.length)
        found->second = {i, length[i]};
      if (!dump.nodes[above].synthetic && dump.nodes[above].name == dump.nodes[i].name &&
          length[i] + 1 > length[above] &&
          any_of(dump.edgesOf(above), [&](const HeapDump::Edge &e) { return e.to == i; }))
        length[above] = length[i] + 1;
    }
    if (--waiting[above] == 0 && above)
      ready.push_back(above);
  }
  std::vector<Chain> all;
  for (const auto &[name, chain] : best)
    if (chain.length > 2)
      all.push_back(chain);
  llvm::sort(all, [](const Chain &a, const Chain &b) {
    return std::pair(b.length, a.first) < std::pair(a.length, b.first);
  });
  return all;
}

std::vector<HeapGraph::Cycle> HeapGraph::cycles() const {
  size_t n = dump.nodes.size();
  std::vector<uint32_t> index(n, kNone), low(n), open;
  std::vector<bool> isOpen(n);
  struct Step {
    uint32_t node, edge;
  };
  std::vector<Step> stack;
  std::vector<Cycle> all;
  uint32_t counter = 0;
  auto enter = [&](uint32_t i) {
    index[i] = low[i] = counter++;
    open.push_back(i);
    isOpen[i] = true;
    stack.push_back({i, 0});
  };
  for (uint32_t start = 0; start < n; ++start) {
    if (index[start] != kNone)
      continue;
    enter(start);
    while (!stack.empty()) {
      auto [i, edge] = stack.back();
      auto edges = dump.edgesOf(i);
      if (edge < edges.size()) {
        ++stack.back().edge;
        uint32_t to = edges[edge].to;
        if (index[to] == kNone)
          enter(to);
        else if (isOpen[to])
          low[i] = std::min(low[i], index[to]);
        continue;
      }
      stack.pop_back();
      if (!stack.empty())
        low[stack.back().node] = std::min(low[stack.back().node], low[i]);
      if (low[i] != index[i])
        continue;
      Cycle cycle = {{}, 0, 0};
      uint32_t last;
      do {
        last = open.back();
        open.pop_back();
        isOpen[last] = false;
        ++cycle.count;
        cycle.bytes += dump.nodes[last].size;
        if (cycle.nodes.size() < 8)
          cycle.nodes.push_back(last);
      } while (last != i);
      if (cycle.count > 1 || any_of(edges, [&](const HeapDump::Edge &e) { return e.to == last; }))
        all.push_back(std::move(cycle));
    }
  }
  llvm::sort(all, [](const Cycle &a, const Cycle &b) {
    return std::pair(b.bytes, a.nodes.front()) < std::pair(a.bytes, b.nodes.front());
  });
  return all;
}

//===- Tables -----------------------------------------------------------------===//

std::vector<HeapRow> typesOf(const HeapGraph &graph, const HeapDump *older) {
  const HeapDump &dump = graph.dump;
  StringMap<size_t> index;
  std::vector<HeapRow> rows;
  auto row = [&](const std::string &name) -> size_t {
    auto [at, isNew] = index.try_emplace(name, rows.size());
    if (isNew)
      rows.push_back({name});
    return at->second;
  };
  std::vector<size_t> types(dump.strings.size(), ~size_t(0));
  // What a type retains is what its objects do, but for those that one of the type holds.
  std::vector<uint32_t> child(dump.nodes.size(), kNone), sibling(dump.nodes.size(), kNone);
  for (uint32_t i = 1; i < dump.nodes.size(); ++i) {
    const HeapDump::Node &node = dump.nodes[i];
    if (graph.dominator[i] != kNone) {
      sibling[i] = child[graph.dominator[i]];
      child[graph.dominator[i]] = i;
    }
    if (node.synthetic)
      continue;
    if (types[node.name] == ~size_t(0))
      types[node.name] = row(dump.strings[node.name]);
    HeapRow &at = rows[types[node.name]];
    ++at.blocks;
    at.bytes += node.size;
  }
  std::vector<uint32_t> depth(rows.size());
  std::vector<std::pair<uint32_t, bool>> stack = {{0, false}};
  while (!stack.empty()) {
    auto [i, leaves] = stack.back();
    stack.pop_back();
    bool counts = !dump.nodes[i].synthetic;
    size_t type = counts ? types[dump.nodes[i].name] : 0;
    if (leaves) {
      --depth[type];
      continue;
    }
    if (counts) {
      if (!depth[type]++)
        rows[type].retained += graph.retained[i];
      stack.push_back({i, true});
    }
    for (uint32_t c = child[i]; c != kNone; c = sibling[c])
      stack.push_back({c, false});
  }
  if (older)
    for (const HeapDump::Node &node : older->nodes)
      if (!node.synthetic) {
        HeapRow &at = rows[row(older->strings[node.name])];
        ++at.blocksBefore;
        at.bytesBefore += node.size;
      }
  auto changed = [&](const HeapRow &r) {
    return older ? r.bytes > r.bytesBefore ? r.bytes - r.bytesBefore : r.bytesBefore - r.bytes
                 : r.bytes;
  };
  llvm::sort(rows, [&](const HeapRow &a, const HeapRow &b) {
    return std::tuple(changed(b), b.bytes, a.name) < std::tuple(changed(a), a.bytes, b.name);
  });
  return rows;
}

std::vector<HeapRow> sitesOf(const HeapDump &dump, const HeapDump *older) {
  StringMap<size_t> index;
  std::vector<HeapRow> rows;
  auto add = [&](const HeapDump &from, bool before) {
    std::vector<size_t> known(from.sites.size(), ~size_t(0));
    for (const HeapDump::Node &node : from.nodes) {
      if (node.site == kNone)
        continue;
      if (known[node.site] == ~size_t(0)) {
        auto [at, isNew] = index.try_emplace(from.placeOf(node.site), rows.size());
        if (isNew)
          rows.push_back({from.placeOf(node.site)});
        known[node.site] = at->second;
      }
      HeapRow &row = rows[known[node.site]];
      ++(before ? row.blocksBefore : row.blocks);
      (before ? row.bytesBefore : row.bytes) += node.size;
    }
  };
  add(dump, false);
  if (older)
    add(*older, true);
  auto changed = [&](const HeapRow &r) {
    return older ? int64_t(r.bytes) - int64_t(r.bytesBefore) : int64_t(r.bytes);
  };
  llvm::sort(rows, [&](const HeapRow &a, const HeapRow &b) {
    return std::pair(changed(b), a.name) < std::pair(changed(a), b.name);
  });
  return rows;
}

std::string pathTo(const HeapGraph &graph, Symbols &symbols, uint32_t node) {
  constexpr size_t kShown = 12;
  std::vector<uint32_t> path;
  for (uint32_t i = node; i != kNone && i != 0; i = graph.before[i])
    path.push_back(i);
  if (path.empty())
    return "";
  std::string text;
  for (size_t k = path.size(); k-- > 0;) {
    uint32_t i = path[k];
    bool skips = path.size() > kShown && k > 2 && k + 6 < path.size();
    if (skips) {
      if (k == 3)
        text += "... " + utostr(path.size() - 9) + " more ... -> ";
      continue;
    }
    std::string name = graph.dump.nameOf(i);
    if (k) {
      uint64_t offset = graph.dump.edges[graph.through[path[k - 1]]].offset;
      if (graph.dump.nodes[i].synthetic)
        name = symbols.variable(name, offset);
      else
        name += "+" + utostr(offset);
    }
    text += name + (k ? " -> " : "");
  }
  return text;
}

std::vector<uint32_t> largest(const HeapGraph &graph, unsigned most, const HeapDump *since) {
  const HeapDump &dump = graph.dump;
  DenseSet<std::pair<uint64_t, uint64_t>> had;
  if (since)
    for (const HeapDump::Node &node : since->nodes)
      if (!node.synthetic)
        had.insert({since->heaps[node.heap].base + node.offset, node.size});
  std::vector<uint32_t> all;
  for (uint32_t i = 1; i < dump.nodes.size(); ++i)
    if (!dump.nodes[i].synthetic && graph.dominator[i] != kNone &&
        !(since && had.contains({dump.addressOf(i), dump.nodes[i].size})))
      all.push_back(i);
  auto more = [&](uint32_t a, uint32_t b) {
    return std::pair(graph.retained[b], a) < std::pair(graph.retained[a], b);
  };
  // What another in the list holds alone is passed over where it is nearly all of that, or
  // the next of the same type: the second node of a list says nothing new.
  llvm::sort(all, more);
  std::vector<uint32_t> list;
  DenseSet<uint32_t> listed;
  DenseMap<std::pair<uint32_t, uint32_t>, unsigned> alike;
  for (uint32_t i : all) {
    if (list.size() == most)
      break;
    uint32_t above = graph.dominator[i];
    uint64_t beside = graph.retained[above] - dump.nodes[above].size - graph.retained[i];
    bool isNext = dump.nodes[above].name == dump.nodes[i].name && graph.retained[i] > beside;
    bool same = !dump.nodes[above].synthetic && listed.contains(above) &&
                (isNext || beside * 10 <= graph.retained[above]);
    // Of small ones, only those that a root has.
    same |= !dump.nodes[above].synthetic && graph.retained[i] * 1000 < graph.retained[0];
    listed.insert(i);
    // Of many alike that the same root has, the first ones stand for all.
    if (dump.nodes[above].synthetic && dump.nodes[i].size == graph.retained[i])
      same |= ++alike[{above, dump.nodes[i].name}] > 3;
    if (!same)
      list.push_back(i);
  }
  return list;
}

} // namespace cairn

//===- leaks.cpp - What of a heap can be reached, and by what -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/leaks.h"

#include "heap/checked.h"
#include "heap/guard.h"

namespace cairn {

Graph::Graph() { collect(); }

Graph::Graph(Stacks stacks) : Graph() {
  if (!count || full)
    return;
  findRoots(stacks);
  sortLost();
}

Graph::~Graph() {
  if (nodes)
    platform::release(nodes, bytes);
}

void Graph::collect() {
  // Heaps by their addresses.
  constexpr uint32_t kMost = 4096;
  static uint32_t order[kMost];
  uint32_t heaps = 0;
  for (uint32_t i = 0, n = heapCount(); i < n && heaps < kMost; ++i)
    if (heapAt(i)) {
      uint32_t at = heaps++;
      for (; at && heapAt(order[at - 1])->base > heapAt(i)->base; --at)
        order[at] = order[at - 1];
      order[at] = i;
    }
  uint64_t blocks = 0;
  for (uint32_t h = 0; h < heaps; ++h)
    cairn_heap_walk(
        reinterpret_cast<cairn_heap *>(heapAt(order[h])),
        [](const cairn_block *, void *n) { return ++*static_cast<uint64_t *>(n) < kNone; },
        &blocks);
  room = uint32_t(blocks);
  bytes =
      (room * (sizeof(Node) + 2 * sizeof(uint32_t)) + platform::kPage - 1) & ~(platform::kPage - 1);
  if (!room || !(nodes = static_cast<Node *>(platform::reserve(bytes, platform::kPage)))) {
    full = room != 0;
    return;
  }
  queue = reinterpret_cast<uint32_t *>(nodes + room);
  before = queue + room;
  struct Context {
    Graph *graph;
    uint32_t heap;
  };
  for (uint32_t h = 0; h < heaps; ++h) {
    Context context = {this, order[h]};
    cairn_heap_walk(
        reinterpret_cast<cairn_heap *>(heapAt(order[h])),
        [](const cairn_block *block, void *data) {
          auto *to = static_cast<Context *>(data);
          Graph &graph = *to->graph;
          if (graph.count == graph.room)
            return false;
          graph.nodes[graph.count++] = {static_cast<char *>(block->p),
                                        to->heap,
                                        block->meta,
                                        block->size,
                                        block->count,
                                        kNone,
                                        0,
                                        0,
                                        Lost,
                                        block->object,
                                        false,
                                        nullptr};
          return true;
        },
        &context);
  }
}

uint32_t Graph::find(const void *p) const {
  auto at = static_cast<const char *>(p);
  if (!count || at < nodes[0].p)
    return kNone;
  uint32_t low = 0, high = count;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (nodes[middle].p <= at)
      low = middle;
    else
      high = middle;
  }
  const Node &node = nodes[low];
  return at < node.p + (node.size ? node.size : 1) ? low : kNone;
}

void Graph::mark(uint32_t i, uint32_t from, uint32_t offset, State state) {
  Node &node = nodes[i];
  if (node.state != Lost)
    return;
  node.state = state;
  node.from = from;
  node.offset = offset;
  queue[last++] = i;
}

/// Everything that what is in the queue reaches.
void Graph::drain(State state) {
  while (first != last) {
    uint32_t i = queue[first++];
    eachReference(i, [&](uint32_t offset, uint32_t to) { mark(to, i, offset, state); });
  }
  first = last = 0;
}

/// Whatever this memory of the process has the address of. Other threads may write to it, and there
/// are sanitizers' gaps in it.
__attribute__((no_sanitize("address", "thread"))) void Graph::scan(uintptr_t from, uintptr_t to,
                                                                   State state) {
  from = (from + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
  uintptr_t lowest = reinterpret_cast<uintptr_t>(nodes[0].p);
  uintptr_t highest = reinterpret_cast<uintptr_t>(nodes[count - 1].p) + nodes[count - 1].size;
  for (; from + sizeof(void *) <= to; from += sizeof(void *)) {
    uintptr_t word = *reinterpret_cast<const uintptr_t *>(from);
    if (CAIRN_LIKELY(word < lowest || word > highest))
      continue;
    if (uint32_t i = find(reinterpret_cast<void *>(word)); i != kNone && nodes[i].state == Lost) {
      mark(i, kNone, 0, state);
      nodes[i].root = reinterpret_cast<const void *>(from);
      drain(state);
    }
  }
}

/// The heaps' own memory, and what they know of it, is no root. A mapping that the system names may
/// be of several of these, and of others: it joins what lies side by side.
void Graph::eachOwn(const OwnMemory &each) const {
  for (uint32_t i = 0, n = heapCount(); i < n; ++i)
    if (Heap *heap = heapAt(i)) {
      auto records = reinterpret_cast<uintptr_t>(heap->shared);
      each(heap->base, heap->base + heap->size);
      // Before these lies the heap's record, which has what the program gave to its handlers.
      each(records, records + heap->recordBytes - kHeapBytes);
    }
  auto table = reinterpret_cast<uintptr_t>(cairn_rt_table);
  each(table, table + (uintptr_t(1) << (platform::kAddressBits - kSlabShift + kSlabRecordShift)));
  eachMetadata(each);
  eachGuardRecord(each);
  each(reinterpret_cast<uintptr_t>(nodes), reinterpret_cast<uintptr_t>(nodes) + bytes);
}

/// The same of a mapping that is no part of a file, but for what is the runtime's own.
void Graph::scanOutside(uintptr_t from, uintptr_t to, State state) {
  struct Next {
    uintptr_t at, from, to; ///< The own memory that comes next, from `at` on.
  };
  while (from < to) {
    Next next = {from, to, to};
    eachOwn({[](void *context, uintptr_t begin, uintptr_t end) {
               auto &first = *static_cast<Next *>(context);
               if (end > first.at && begin < first.from)
                 first.from = begin > first.at ? begin : first.at, first.to = end;
             },
             &next});
    scan(from, next.from, state);
    from = next.to;
  }
}

__attribute__((no_sanitize("address", "thread"))) void Graph::findRoots(Stacks stacks) {
  static Graph *graph; // one at a time
  graph = this;
  static Stacks withStacks;
  withStacks = stacks;
  platform::eachGlobal([](uintptr_t from, uintptr_t to) { graph->scan(from, to, Global); });
  platform::eachWritable([](uintptr_t from, uintptr_t to, platform::Memory kind) {
    if (kind != platform::Memory::Stack)
      graph->scanOutside(from, to, Outside);
  });
  // Last, as words that nobody uses any more lie there.
  if (stacks == Stacks::None)
    return;
  platform::eachWritable([](uintptr_t from, uintptr_t to, platform::Memory kind) {
    auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    // What follows a page of a heap that cannot be touched (heap/guard.h) looks like a stack.
    if (kind != platform::Memory::Stack)
      return;
    if (from <= here && here < to)
      graph->scanOutside(here, to, Stack);
    else if (withStacks == Stacks::All)
      graph->scanOutside(from, to, Stack);
  });
}

/// Which of the lost nodes are heads, which are held, and which cycles are left.
void Graph::sortLost() {
  for (uint32_t i = 0; i < count; ++i)
    before[i] = kNone;
  for (uint32_t i = 0; i < count; ++i)
    if (nodes[i].state == Lost)
      eachReference(i, [&](uint32_t, uint32_t to) {
        if (nodes[to].state == Lost) {
          ++nodes[to].inside;
          before[to] = i;
        }
      });
  for (uint32_t i = 0; i < count; ++i) {
    Node &node = nodes[i];
    if (node.state == Lost && (node.object ? node.count > int64_t(node.inside) : !node.inside)) {
      node.state = Head;
      node.top = true;
      queue[last++] = i;
    }
  }
  drain(Held);
  for (uint32_t i = 0; i < count; ++i)
    if (nodes[i].state == Lost)
      closeCycle(i);
}

/// Goes back from a node, to which others of a cycle refer, until it meets one again.
void Graph::closeCycle(uint32_t start) {
  uint32_t i = start;
  for (uint32_t steps = 0; steps < count && before[i] != kNone; ++steps)
    i = before[i];
  nodes[i].state = Cycle;
  nodes[i].top = true;
  queue[last++] = i;
  while (first != last) {
    uint32_t at = queue[first++];
    eachReference(at, [&](uint32_t offset, uint32_t to) {
      mark(to, at, offset, Cycle);
      if (to == i && nodes[to].from == kNone) { // the way round
        nodes[to].from = at;
        nodes[to].offset = offset;
      }
    });
  }
  first = last = 0;
}

} // namespace cairn

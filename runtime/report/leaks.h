//===- leaks.h - What of a heap can be reached, and by what -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All live blocks of all heaps are nodes, in the order of their addresses. An object refers to
// what its managed fields hold; a raw block to whatever it has the address of. Each node that is
// reached knows through which field of which other one, up to a root:
//
//   Global    a variable of the program or of a library
//   Outside   other memory of the process: another allocator's, a thread's variables
//   Stack     a thread's stack
//
// The rest is lost. A lost node is
//
//   Head      more counts than references from lost objects: somebody did not give one back
//   Held      reached from a head
//   Cycle     neither: it is in a cycle, or reached from one
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_REPORT_LEAKS_H
#define CAIRN_REPORT_LEAKS_H

#include "object/object.h"
#include "platform/outside.h"
#include "platform/text.h"

namespace cairn {

struct Graph {
  platform::Unseen unseen; ///< It looks at all memory.
  enum State : uint8_t { Lost, Global, Outside, Stack, Head, Held, Cycle };
  /// Whose stacks are looked at: nobody's, the calling thread's, everybody's.
  enum class Stacks { None, Own, All };
  static constexpr uint32_t kNone = ~0u;

  struct Node {
    char *p; ///< The block, or the object's reference.
    uint32_t heap;
    uint32_t meta;
    uint64_t size;
    int64_t count;
    uint32_t from;   ///< The node that it was reached from; kNone: a root.
    uint32_t offset; ///< The field's; of a root see `root`.
    uint32_t inside; ///< References from lost objects.
    State state;
    bool object;
    bool top;         ///< Of what is lost: the rest is reached from nodes that are.
    const void *root; ///< Where in the process's memory the root lies.
  };

  Node *nodes = nullptr;
  uint32_t count = 0;
  bool full = false; ///< There was no memory for it.

  /// Collects what lives. No other thread may use the heaps.
  Graph();
  /// The same, and finds out what is reached.
  explicit Graph(Stacks stacks);
  ~Graph();
  Graph(const Graph &) = delete;

  /// The node that p points to or into; kNone if there is none.
  uint32_t find(const void *p) const;
  /// Calls each(field's offset, node) for what node i refers to.
  template <typename Each> void eachReference(uint32_t i, Each each) const;

private:
  void collect();
  void mark(uint32_t i, uint32_t from, uint32_t offset, State state);
  void drain(State state);
  void scan(uintptr_t from, uintptr_t to, State state);
  void eachOwn(const OwnMemory &each) const;
  void scanOutside(uintptr_t from, uintptr_t to, State state);
  void findRoots(Stacks stacks);
  void sortLost();
  void closeCycle(uint32_t start);

  uint32_t *queue = nullptr;
  uint32_t first = 0, last = 0;
  uint32_t *before = nullptr; ///< A lost node that refers to this lost one; and in `offset`, where.
  size_t bytes = 0;
  uint32_t room = 0;
};

template <typename Each> void Graph::eachReference(uint32_t i, Each each) const {
  const Node &node = nodes[i];
  if (node.object) {
    // A program may have written over its header: no field lies outside of the block.
    if (isRegistered(node.meta) && !registered(node.meta))
      return;
    Fields fields(node.p, node.meta);
    uint64_t at = 0;
    while (void **field = fields.next(at))
      if (reinterpret_cast<char *>(field + 1) > node.p + node.size)
        return;
      else if (isReference(*field))
        if (uint32_t to = find(*field); to != kNone && nodes[to].p == *field)
          each(uint32_t(reinterpret_cast<char *>(field) - node.p), to);
    return;
  }
  // Any word of a raw block may be an address.
  for (uint64_t at = 0; at + sizeof(void *) <= node.size; at += sizeof(void *)) {
    void *word;
    __builtin_memcpy(&word, node.p + at, sizeof(word));
    if (uint32_t to = find(word); to != kNone)
      each(uint32_t(at), to);
  }
}

/// Prints what is lost in the heap, or in all if it is null; the number of lost blocks.
/// `reachable`: what is reached from globals as well.
uint64_t reportLeaks(const Graph &graph, Heap *heap, bool reachable);

} // namespace cairn

#endif // CAIRN_REPORT_LEAKS_H

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
//   Outside   other memory of the process: another allocator's, a thread's variables, a stack
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

#include "heap/heap.h"
#include "platform/text.h"

namespace cairn {

struct Graph {
  enum State : uint8_t { Lost, Global, Outside, Head, Held, Cycle };
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
    const void *root; ///< Where in the process's memory the root lies.
  };

  Node *nodes = nullptr;
  uint32_t count = 0;
  bool full = false; ///< There was no memory for it.

  /// Collects what lives, and finds out what is reached. `stacks`: what the calling thread's
  /// stack refers to is reached as well. No other thread may use the heaps.
  explicit Graph(bool stacks);
  ~Graph();
  Graph(const Graph &) = delete;

  /// The node that p points to or into; kNone if there is none.
  uint32_t find(const void *p) const;
  /// Calls `each` with each field that refers to node i, if only by an address inside of it where
  /// the holder is a raw block: the holder, and the field's offset.
  void eachHolder(uint32_t i, void (*each)(void *, uint32_t holder, uint32_t offset),
                  void *context) const;
  /// Calls each(field's offset, node) for what node i refers to.
  template <typename Each> void eachReference(uint32_t i, Each each) const;

private:
  void collect();
  void mark(uint32_t i, uint32_t from, uint32_t offset, State state);
  void drain(State state);
  void scan(uintptr_t from, uintptr_t to, State state);
  void findRoots(bool stacks);
  void sortLost();
  void closeCycle(uint32_t start);

  uint32_t *queue = nullptr;
  uint32_t first = 0, last = 0;
  uint32_t *before = nullptr; ///< A lost node that refers to this lost one; and in `offset`, where.
  size_t bytes = 0;
  uint32_t room = 0;
};

/// Prints what is lost in the heap, or in all if it is null; the number of lost blocks.
/// `reachable`: what is reached from globals as well.
uint64_t reportLeaks(const Graph &graph, Heap *heap, bool reachable);

} // namespace cairn

#endif // CAIRN_REPORT_LEAKS_H

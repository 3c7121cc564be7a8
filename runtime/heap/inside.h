//===- inside.h - Private parts, for a debug build's validators -----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For the validators (heap/validate.h), which read these, and for the tests that plant
// faults in them, which write them. Nothing else includes this.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_INSIDE_H
#define CAIRN_HEAP_INSIDE_H

#include "heap/heap.h"

namespace cairn {

struct Inside {
  using Node = Space::Node;
  static constexpr unsigned kLevels = Space::kLevels, kSteps = Space::kSteps;
  static constexpr uint32_t kNodesAdded = Space::kNodesAdded;

  // A space. `S` is Space or const Space.
  template <typename S> static auto &nodes(S &space) { return space.Nodes; }
  template <typename S> static auto &nodesMade(S &space) { return space.NodesMade; }
  template <typename S> static auto &nodesReady(S &space) { return space.NodesReady; }
  template <typename S> static auto &spare(S &space) { return space.Spare; }
  template <typename S> static auto &heads(S &space) { return space.Heads; }
  template <typename S> static auto &levels(S &space) { return space.Levels; }
  template <typename S> static auto &steps(S &space) { return space.Steps; }
  template <typename S> static auto &starts(S &space) { return space.Starts; }
  template <typename S> static auto &summary(S &space) { return space.Summary; }
  template <typename S> static auto &used(S &space) { return space.Used; }
  template <typename S> static auto &frontier(S &space) { return space.Frontier; }
  template <typename S> static auto &ready(S &space) { return space.Ready; }
  template <typename S> static auto &pages(S &space) { return space.Pages; }
  template <typename S> static auto &memory(S &space) { return space.Memory; }
  template <typename S> static auto &nodeRoom(S &space) { return space.NodeRoom; }
  template <typename S> static auto &startRoom(S &space) { return space.StartRoom; }
  template <typename S> static auto &pageRoom(S &space) { return space.PageRoom; }
  static uint32_t &tag(const Space &space, uint64_t granule) { return space.tag(granule); }
  /// Calls f(extent, name) with each extent of the space.
  template <typename F> static void eachExtent(const Space &s, F f) {
    f(s.Memory, "extent of the region");
    f(s.NodeRoom, "extent of nodes");
    f(s.TagRoom, "extent of tags");
    f(s.UnitTagRoom, "extent of tags of units");
    f(s.StartRoom, "extent of starts");
    f(s.SummaryRoom, "extent of the summary of starts");
    f(s.PageRoom, "extent of dirty pages");
  }

  // Its backing.
  template <typename B> static auto &words(B &backing) { return backing.Words; }
  template <typename B> static auto &reach(B &backing) { return backing.Reach; }
  template <typename B> static auto &dirty(B &backing) { return backing.Dirty; }
  /// What the sweeps go on from, and how long they wait.
  template <typename B> static auto &sweepAt(B &backing) { return backing.SweepAt; }
  template <typename B> static auto &someAt(B &backing) { return backing.SomeAt; }
  template <typename B> static auto &patience(B &backing) { return backing.Patience; }
  template <typename B> static auto &waited(B &backing) { return backing.Waited; }

  // An extent.
  template <typename E> static auto &base(E &extent) { return extent.Base; }
  template <typename E> static auto &whole(E &extent) { return extent.Whole; }
  template <typename E> static auto &usable(E &extent) { return extent.Ready; }
};

} // namespace cairn

#endif // CAIRN_HEAP_INSIDE_H

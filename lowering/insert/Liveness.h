//===- Liveness.h - Where the units of references go ------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In the blocks in which a root is live (insert/LiveBlocks.h):
//
//   - a use that consumes takes the root's own unit if the root is dead afterwards, and needs
//     an incref for every other unit;
//   - a root that dies is dropped right after its last borrowing use, where it is defined if
//     it has no use, or on the edge behind which nothing uses it;
//   - on each edge the φ of the next block and the root itself, if it lives on, share the unit
//     in the same way.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LIVENESS_H
#define CAIRN_LOWERING_LIVENESS_H

#include "insert/LiveBlocks.h"
#include "insert/Plan.h"
#include "llvm/ADT/BitVector.h"

namespace cairn {

class Liveness {
public:
  Liveness(const Flow &G, const RootUses &Uses, Bases &B, Plan &P, Refusals &Errors);

private:
  void borrowed(const Root &Of);
  void owned(const Root &Of);
  void inBlock(const Root &Of, unsigned Block);
  void onEdges(const Root &Of, unsigned Block);
  void dropAfter(const Root &Of, const RootUse &Last);
  unsigned takenOn(const Root &Of, unsigned From, unsigned To) const;
  bool isLiveOut(const Root &Of, unsigned Block) const;
  bool isNullOn(const Root &Of, unsigned From, unsigned To) const;
  void findEnds(const RootUses &Uses);

  const Flow &G;
  Bases &B;
  Plan &P;
  Refusals &Errors;
  LiveBlocks Live;
  /// Blocks from which every way leads to `unreachable`, and that define no reference: nothing
  /// is released there.
  llvm::BitVector Ends;
};

} // namespace cairn

#endif // CAIRN_LOWERING_LIVENESS_H

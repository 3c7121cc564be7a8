//===- Flow.h - The reachable blocks of a function, by number ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks that the entry reaches, in reverse post-order, and the edges between them. Several
// ways from one block to another (the cases of a switch) are one edge: a φ sees one value for
// all of them. Code that is not reached has no numbers, and no counts.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_FLOW_H
#define CAIRN_LOWERING_FLOW_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"

#include <vector>

namespace llvm {
class BasicBlock;
class Function;
} // namespace llvm

namespace cairn {

class Flow {
public:
  explicit Flow(llvm::Function &F);

  unsigned size() const { return unsigned(Blocks.size()); }
  llvm::BasicBlock *block(unsigned N) const { return Blocks[N]; }
  /// The block's number; none of one that is not reached.
  std::optional<unsigned> numberOf(const llvm::BasicBlock *Block) const;
  llvm::ArrayRef<unsigned> predecessors(unsigned N) const { return Preds.of(N); }
  llvm::ArrayRef<unsigned> successors(unsigned N) const { return Succs.of(N); }

private:
  /// Lists of numbers, one after the other.
  struct Lists {
    std::vector<unsigned> Starts, All;
    llvm::ArrayRef<unsigned> of(unsigned N) const {
      return llvm::ArrayRef(All).slice(Starts[N], Starts[N + 1] - Starts[N]);
    }
  };

  std::vector<llvm::BasicBlock *> Blocks;
  llvm::DenseMap<const llvm::BasicBlock *, unsigned> Numbers;
  Lists Preds, Succs;
};

} // namespace cairn

#endif // CAIRN_LOWERING_FLOW_H

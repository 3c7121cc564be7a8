//===- Plan.h - Counts that are to be written -------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Increfs and decrefs are collected first, by the gap between two instructions or by the edge
// between two blocks, and written when all are known. So the analysis sees a function that does
// not change, and at each place the increfs come before the decrefs: a decref may free what
// keeps a borrowed value alive.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PLAN_H
#define CAIRN_LOWERING_PLAN_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVector.h"

namespace llvm {
class BasicBlock;
class CallInst;
class DILocation;
class Function;
class Instruction;
class Value;
} // namespace llvm

namespace cairn {

class Refusals;

/// A count that is to be written, with the location of the instruction it belongs to.
struct Count {
  llvm::Value *V;
  llvm::DILocation *At;

  bool operator==(const Count &Other) const { return V == Other.V; }
};

/// What is to be written at one place.
struct Counts {
  llvm::SmallVector<Count, 2> Increfs, Decrefs;

  bool empty() const { return Increfs.empty() && Decrefs.empty(); }
  void append(const Counts &Other);
  bool operator==(const Counts &) const = default;
};

/// The first instruction of \p Block that a count may stand before. Variables stay together at
/// the start of the entry.
llvm::Instruction &firstPlaceIn(llvm::BasicBlock &Block);

class Plan {
public:
  /// \p N increfs of \p V before \p I, which takes them.
  void increfBefore(llvm::Instruction &I, llvm::Value *V, unsigned N = 1);
  /// After \p I, which is not a block's last instruction; after all φ if it is one.
  void increfAfter(llvm::Instruction &I, llvm::Value *V);
  void decrefAfter(llvm::Instruction &I, llvm::Value *V);
  void decrefBefore(llvm::Instruction &I, llvm::Value *V);
  /// Where \p Block starts: after φ, landing pad and the entry's variables.
  void increfAtStart(llvm::BasicBlock &Block, llvm::Value *V);
  void decrefAtStart(llvm::BasicBlock &Block, llvm::Value *V);
  void incref(llvm::BasicBlock &From, llvm::BasicBlock &To, llvm::Value *V, unsigned N);
  void decref(llvm::BasicBlock &From, llvm::BasicBlock &To, llvm::Value *V);
  /// Something is released after \p Call, which then cannot be a tail call.
  void breakTailCall(llvm::CallInst &Call) { NoTailCalls.push_back(&Call); }
  /// Says that the counts before \p Store have to be before \p First, what belongs to it.
  void setFirst(llvm::Instruction &Store, llvm::Instruction &First) { Firsts[&Store] = &First; }

  /// Lets all decrefs between \p From and \p To, of the same block, wait until after \p To.
  void delayDecrefs(llvm::Instruction &From, llvm::Instruction &To);

  /// Finds a place for the counts of each edge: a block's start or end, or a new block in
  /// the middle. False: an error was reported, and nothing was written.
  bool settleEdges(Refusals &Errors);
  /// Writes all counts. The edges are settled.
  void write(llvm::Function &F);

private:
  /// An edge is known by the terminator that it leaves from: blocks get split.
  using Edge = std::pair<llvm::Instruction *, llvm::BasicBlock *>;

  using EdgeCounts = std::pair<Edge, Counts *>;

  void hoistCommon(llvm::BasicBlock &To, llvm::ArrayRef<EdgeCounts> Edges);
  void settle(llvm::Instruction &From, llvm::BasicBlock &To, Counts &C);

  llvm::MapVector<llvm::Instruction *, Counts> Gaps; ///< Before the instruction.
  llvm::MapVector<Edge, Counts> Edges;
  llvm::DenseMap<llvm::Instruction *, llvm::Instruction *> Firsts;
  llvm::SmallVector<llvm::CallInst *> NoTailCalls;
};

} // namespace cairn

#endif // CAIRN_LOWERING_PLAN_H

//===- Walk.h - States over a function's blocks ----------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs states over a function until no block gets a new one. A quick walk joins states where
// it can. If it finds something, an exact walk follows, which keeps states apart as long as the
// options allow, so that what is reported happens on the path that the report names. If it had to
// join states all the same, another one with more room says whether anything is wrong.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_CHECK_WALK_H
#define CAIRN_LOWERING_CHECK_WALK_H

#include "check/Join.h"
#include "check/Step.h"
#include "llvm/IR/Dominators.h"

#include <deque>
#include <set>

namespace cairn::check {

class Walk {
public:
  Walk(Roots &R, const Conditions &C, Callees &Quiet, const llvm::DominatorTree &DT,
       const CertifyOptions &Options);

  std::vector<Finding> run(bool Exact);
  /// Whether the walk joined states for lack of room. What it found may be on no path then.
  bool lackedRoom() const { return LackedRoom; }

private:
  /// One walk through a block, and the one through the block before it.
  struct Passage {
    const llvm::BasicBlock *Block;
    const Passage *Before;
    unsigned Entry;
  };
  struct Entry {
    State S;
    const Passage *From;
    bool Done = false;
    bool Gone = false; ///< Joined with another. It stays, to know it again.
  };
  struct Block {
    unsigned Number = ~0u;
    bool Again = false;  ///< A path comes back to it.
    bool Doomed = false; ///< Every path from it ends in `unreachable`.
    std::vector<Entry> Entries;
    unsigned Gone = 0; ///< Of the entries.
  };

  void number();
  void runBlock(const llvm::BasicBlock &B);
  /// Runs \p S from \p I to the end of its block, and into what follows.
  void runFrom(State S, llvm::BasicBlock::const_iterator I, const Passage *P);
  void leave(State S, const llvm::Instruction &Terminator, const Passage *P);
  void branch(State &S, const llvm::Value *Condition, bool Is, const llvm::BasicBlock *To,
              const Passage *P);
  void assume(const State &S, const llvm::Value *Condition, bool Is,
              llvm::function_ref<void(State)> Then);
  void decide(const State &S, const llvm::Value *Condition, bool Is,
              llvm::function_ref<void(State)> Then);
  /// \p S goes from the end of P's block to \p To.
  void edge(State S, const llvm::BasicBlock &To, const Passage *P);
  bool makeRoom(const llvm::BasicBlock &To, Block &At);
  void arrive(State Whole, const llvm::BasicBlock &To, const Passage *P);
  void phis(State &S, const llvm::BasicBlock &From, const llvm::BasicBlock &To);
  void eachLive(const State &S, const llvm::BasicBlock &To, llvm::function_ref<void(ClassId)> Do);
  llvm::SmallVector<bool, 0> reached(const State &S, const llvm::BasicBlock &To);
  const llvm::Value *unclear(const State &S, llvm::ArrayRef<bool> Reached,
                             const llvm::BasicBlock &To);
  /// Takes the step's problem, if there is one.
  void report(const Passage *P);
  void report(Problem What, const Passage *P);
  bool full() const { return Found.size() >= Options.MostFindings || Gave; }

  Roots &R;
  const Conditions &Known;
  const CertifyOptions &Options;
  Joiner Join;
  Step Does;
  bool Exact = false;
  bool Gave = false; ///< Up.
  bool LackedRoom = false;
  uint64_t Steps = 0, MostSteps = 0;
  llvm::DenseMap<const llvm::BasicBlock *, Block> Blocks;
  std::vector<const llvm::BasicBlock *> Order;
  std::set<unsigned> Work;
  std::deque<Passage> Passages;
  std::vector<Finding> Found;
};

} // namespace cairn::check

#endif // CAIRN_LOWERING_CHECK_WALK_H

//===- Flow.cpp - The reachable blocks of a function, by number -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Flow.h"

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Function.h"

using namespace llvm;
using namespace cairn;

Flow::Flow(Function &F) {
  ReversePostOrderTraversal<Function *> Order(&F);
  for (BasicBlock *Block : Order) {
    Numbers[Block] = size();
    Blocks.push_back(Block);
  }
  // A stamp for each block finds successors that were seen before.
  std::vector<unsigned> Stamp(size(), ~0u), Incoming(size() + 1, 0);
  for (unsigned N = 0; N != size(); ++N) {
    Succs.Starts.push_back(unsigned(Succs.All.size()));
    for (BasicBlock *Next : llvm::successors(Blocks[N])) {
      const unsigned To = Numbers.lookup(Next);
      if (std::exchange(Stamp[To], N) == N)
        continue;
      Succs.All.push_back(To);
      ++Incoming[To];
    }
  }
  Succs.Starts.push_back(unsigned(Succs.All.size()));
  unsigned Start = 0;
  for (unsigned N = 0; N <= size(); ++N)
    Preds.Starts.push_back(std::exchange(Start, Start + Incoming[N]));
  Preds.All.resize(Succs.All.size());
  std::vector<unsigned> Next(Preds.Starts);
  for (unsigned N = 0; N != size(); ++N)
    for (unsigned To : successors(N))
      Preds.All[Next[To]++] = N;
}

std::optional<unsigned> Flow::numberOf(const BasicBlock *Block) const {
  auto Found = Numbers.find(Block);
  return Found == Numbers.end() ? std::nullopt : std::optional(Found->second);
}

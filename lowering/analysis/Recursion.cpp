//===- Recursion.cpp - Which calls may come back to their caller *- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/Recursion.h"

#include "llvm/ADT/SCCIterator.h"
#include "llvm/Analysis/CallGraph.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

Recursion::Recursion(Module &M) {
  CallGraph Graph(M);
  unsigned Group = 0;
  for (auto Cycle = scc_begin(&Graph); !Cycle.isAtEnd(); ++Cycle, ++Group)
    if (Cycle.hasCycle())
      for (const CallGraphNode *Node : *Cycle)
        if (const Function *F = Node->getFunction())
          Groups[F] = Group;
}

bool Recursion::isPartOf(const CallBase &Call) const {
  const Function *Callee = Call.getCalledFunction();
  if (!Callee)
    return false;
  const auto From = Groups.find(Call.getFunction()), To = Groups.find(Callee);
  return From != Groups.end() && To != Groups.end() && From->second == To->second;
}

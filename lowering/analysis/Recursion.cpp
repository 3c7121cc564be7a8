//===- Recursion.cpp - Which calls may come back to their caller *- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "analysis/Recursion.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/AbstractCallSite.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

namespace {

/// Tarjan's walk over the calls of functions with a body.
class Cycles {
public:
  Cycles(DenseMap<const Function *, unsigned> &Groups, SmallVectorImpl<Function *> &Order)
      : Groups(Groups), Order(Order) {}
  void walk(Function &Start);

private:
  struct Visit {
    Function *F;
    unsigned Number;
    unsigned Lowest; ///< Number that is reached from here, of those on the path.
    bool CallsItself;
    SmallVector<Function *, 4> Callees; ///< Not visited yet.
  };

  void enter(Function &F);
  void leave();

  DenseMap<const Function *, unsigned> &Groups;
  SmallVectorImpl<Function *> &Order;
  DenseMap<const Function *, unsigned> Numbers; ///< From 1; 0: its cycle is known.
  SmallVector<Visit, 8> Path;
  SmallVector<Function *, 8> Open; ///< Visited, and their cycle is not known.
  unsigned Group = 0;
};

} // namespace

static void calleesOf(Function &F, SmallVectorImpl<Function *> &Found) {
  SmallPtrSet<const Function *, 8> Seen;
  auto Add = [&](Function *Callee) {
    if (Callee && !Callee->isDeclaration() && Seen.insert(Callee).second)
      Found.push_back(Callee);
  };
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallBase>(&I)) {
      Add(Call->getCalledFunction());
      forEachCallbackFunction(*Call, Add);
    }
}

void Cycles::enter(Function &F) {
  const unsigned Number = unsigned(Numbers.size()) + 1;
  Numbers[&F] = Number;
  Open.push_back(&F);
  Path.push_back({&F, Number, Number, false, {}});
  Visit &V = Path.back();
  calleesOf(F, V.Callees);
  V.CallsItself = is_contained(V.Callees, &F);
}

/// The last function of the path calls no other that was not visited.
void Cycles::leave() {
  const Visit V = Path.pop_back_val();
  if (!Path.empty())
    Path.back().Lowest = std::min(Path.back().Lowest, V.Lowest);
  if (V.Lowest != V.Number)
    return;
  const bool IsCycle = V.CallsItself || Open.back() != V.F;
  Function *Last;
  do {
    Last = Open.pop_back_val();
    Order.push_back(Last);
    Numbers[Last] = 0;
    if (IsCycle)
      Groups[Last] = Group;
  } while (Last != V.F);
  ++Group;
}

void Cycles::walk(Function &Start) {
  if (!Numbers.count(&Start))
    enter(Start);
  while (!Path.empty()) {
    Visit &V = Path.back();
    if (V.Callees.empty()) {
      leave();
      continue;
    }
    Function *Callee = V.Callees.pop_back_val();
    const auto Found = Numbers.find(Callee);
    if (Found == Numbers.end())
      enter(*Callee);
    else if (Found->second)
      V.Lowest = std::min(V.Lowest, Found->second);
  }
}

Recursion::Recursion(Module &M) {
  Cycles All(Groups, Order);
  for (Function &F : M)
    if (!F.isDeclaration())
      All.walk(F);
}

bool Recursion::isPartOf(const CallBase &Call) const {
  const Function *Callee = Call.getCalledFunction();
  return Callee && areInOneCycle(*Call.getFunction(), *Callee);
}

bool Recursion::areInOneCycle(const Function &A, const Function &B) const {
  const auto Its = Groups.find(&A), Others = Groups.find(&B);
  return Its != Groups.end() && Others != Groups.end() && Its->second == Others->second;
}

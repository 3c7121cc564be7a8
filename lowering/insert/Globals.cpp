//===- Globals.cpp - What globals with references start with ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "insert/Refusals.h"
#include "ir/Diagnostics.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Operator.h"

using namespace llvm;
using namespace cairn;

/// What is wrong with the reference \p C in an initialiser; empty: nothing.
static StringRef faultOf(const Constant *C, bool Immediates) {
  if (C->isNullValue() || isa<UndefValue>(C))
    return {};
  const auto *Cast = dyn_cast<ConstantExpr>(C);
  if (Cast && Cast->getOpcode() == Instruction::IntToPtr) {
    const auto *Number = dyn_cast<ConstantInt>(Cast->getOperand(0));
    return Immediates && Number && Number->getValue()[0] ? "" : "an integer";
  }
  const Value *Root = C->stripInBoundsOffsets();
  while (const auto *Step = dyn_cast<ConstantExpr>(Root)) {
    if (Step->getOpcode() != Instruction::AddrSpaceCast &&
        Step->getOpcode() != Instruction::GetElementPtr)
      return "an address that is computed";
    Root = Step->getOperand(0);
  }
  if (isa<ConstantPointerNull>(Root))
    return {};
  if (isa<Function>(Root))
    return "the address of a function";
  return isa<GlobalVariable, GlobalAlias>(Root) ? "" : "an address that is no object's";
}

bool cairn::checkGlobals(Module &M, const References &R) {
  const bool Immediates = mayBeImmediates(M);
  bool Good = true;
  auto Refuse = [&](const GlobalValue &G, const Twine &Message) {
    reportError(M, "'" + G.getName() + "' " + Message);
    Good = false;
  };
  for (GlobalVariable &G : M.globals()) {
    if (G.getAddressSpace() == R.space()) {
      Refuse(G, "is a global in the space of references: it has no header; make it a static "
                "object in address space 0 and cast its address");
      continue;
    }
    if (!R.in(G.getValueType()))
      continue;
    if (G.getAddressSpace() != 0) {
      Refuse(G, "holds references in address space " + Twine(G.getAddressSpace()) +
                    "; only globals in address space 0 can");
      continue;
    }
    if (!G.hasInitializer())
      continue;
    SmallVector<const Constant *, 8> Work{G.getInitializer()};
    SmallPtrSet<const Constant *, 8> Seen;
    while (!Work.empty()) {
      const Constant *C = Work.pop_back_val();
      if (!R.in(C->getType()) || isa<ConstantAggregateZero>(C) || !Seen.insert(C).second)
        continue;
      if (!R.is(C)) {
        for (const Use &U : C->operands())
          Work.push_back(cast<Constant>(U));
      } else if (StringRef Fault = faultOf(C, Immediates); !Fault.empty()) {
        Refuse(G, "starts with a reference that is " + Fault +
                      "; only null and the addresses of static objects are known before the "
                      "program runs");
        break;
      }
    }
  }
  return Good;
}

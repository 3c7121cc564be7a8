//===- Fibers.cpp - Functions that go on in another thread ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/Fibers.h"

#include "cairn/lowering.h"
#include "ir/Compat.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

static constexpr StringLiteral kFibers = "cairn-fibers";

bool cairn::mayChangeThread(const Function &F) {
  if (F.hasFnAttribute(kFibers))
    return true;
  auto *Flag = mdconst::extract_or_null<ConstantInt>(F.getParent()->getModuleFlag(kFibers));
  return Flag && !Flag->isZero();
}

void cairn::markFibers(Module &M) {
  if (!M.getModuleFlag(kFibers))
    M.addModuleFlag(Module::Max, kFibers, 1);
  // ThinLTO takes functions into modules that have no such flag.
  for (Function &F : M)
    if (!F.isDeclaration())
      F.addFnAttr(kFibers);
}

void cairn::readThreadEachTime(Function &F) {
  if (!tripleOf(*F.getParent()).isAArch64())
    return;
  auto *Type = FunctionType::get(PointerType::get(F.getContext(), 0), false);
  // Volatile, so that two are not one. The view's offset from the thread pointer is the same
  // in all threads, and comes from the table of such offsets.
  InlineAsm *Pointer = InlineAsm::get(Type, "mrs $0, tpidr_el0", "=r", /*hasSideEffects=*/true);
  InlineAsm *OfView = InlineAsm::get(Type,
                                     "mrs $0, tpidr_el0\n\t"
                                     "adrp x16, :gottprel:cairn_rt_tls\n\t"
                                     "ldr x16, [x16, :gottprel_lo12:cairn_rt_tls]\n\t"
                                     "add $0, $0, x16",
                                     "=&r,~{x16}", /*hasSideEffects=*/true);
  for (Instruction &I : make_early_inc_range(instructions(F))) {
    auto *Call = dyn_cast<IntrinsicInst>(&I);
    if (!Call)
      continue;
    const bool Plain = Call->getIntrinsicID() == Intrinsic::thread_pointer;
    const bool Tls = Call->getIntrinsicID() == Intrinsic::threadlocal_address &&
                     Call->getArgOperand(0)->getName() == "cairn_rt_tls";
    if (!Plain && !Tls)
      continue;
    CallInst *Read = IRBuilder<>(Call).CreateCall(Type, Plain ? Pointer : OfView);
    Read->setDoesNotThrow();
    Call->replaceAllUsesWith(Read);
    Call->eraseFromParent();
  }
}

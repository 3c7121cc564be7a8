//===- CleanUp.cpp - After the expansion ------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/CleanUp.h"

#include "analysis/Allocations.h"
#include "ir/Compat.h"
#include "ir/Intrinsics.h"
#include "opt/SimplifyBlocks.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/DeadStoreElimination.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/JumpThreading.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace cairn;

/// Inlining puts those of a fast path among the function's own first ones.
static unsigned allocas(const Function &F) {
  return count_if(F.getEntryBlock(), [](const Instruction &I) { return isa<AllocaInst>(I); });
}

// WebAssembly's fast paths compare with the constants, and its modules count bytes.
Expanded::Expanded(const Function &F)
    : Allocas(allocas(F)), Calculates(tripleOf(*F.getParent()).isWasm()) {}

/// EarlyCSE makes one value of all null tests of an object, and looks at all uses of that
/// at each of them: the square of the sites. InstCombine looks at all branches on a size
/// wherever that is used. With more sites on one object, or with one size, it is left out.
static constexpr unsigned kCrowd = 64;

/// What \p V was computed from by a few steps with constants: a branch on the one also says
/// something of the other.
static const Value *originOf(const Value *V) {
  for (unsigned Steps = 0; Steps != 4; ++Steps) {
    auto *I = dyn_cast<Instruction>(V);
    if (!I || !(isa<CastInst>(I) || (I->isBinaryOp() && isa<Constant>(I->getOperand(1)))))
      break;
    V = I->getOperand(0);
  }
  return V;
}

void Expanded::add(const CallInst &Call, const IntrinsicInfo &I) {
  if (I.isCall())
    return;
  if (!I.is(kRawBlock)) {
    const Value *Object = I.is(kAllocates) ? &Call : objectOf(Call.getArgOperand(0));
    Header &H = Objects[Object];
    Shares |= H.Known;
    Crowd |= ++H.Sites > kCrowd;
    H.Known |= I.is(kAllocates);
  }
  Calculates |=
      !Call.getType()->isVoidTy() && !I.is(kAllocates | kCell) && I.ID != IntrinsicID::IsLast;
  for (const Value *Number : Call.args())
    if (Number->getType()->isIntegerTy() && !isa<ConstantInt>(Number)) {
      Calculates = true;
      NumberCrowd |= ++Numbers[originOf(Number)] > kCrowd;
    }
  Tested |= I.is(kTry) || (I.ID == IntrinsicID::FreeCell && isa<PHINode>(Call.getArgOperand(0)));
}

/// What is left of an inlined body when its operands were constants: addresses that
/// nothing uses, and constant offsets in units of another type.
static void tidy(Function &F) {
  const DataLayout &DL = F.getDataLayout();
  for (BasicBlock &BB : F)
    for (Instruction &I : make_early_inc_range(reverse(BB))) {
      if (isInstructionTriviallyDead(&I)) {
        I.eraseFromParent();
        continue;
      }
      auto *GEP = dyn_cast<GetElementPtrInst>(&I);
      if (!GEP || GEP->getSourceElementType()->isIntegerTy(8) || GEP->getType()->isVectorTy())
        continue;
      APInt Offset(DL.getIndexTypeSizeInBits(GEP->getType()), 0);
      if (!GEP->accumulateConstantOffset(DL, Offset))
        continue;
      IRBuilder<> B(GEP);
      Value *New = B.CreateGEP(B.getInt8Ty(), GEP->getPointerOperand(), B.getInt(Offset), "",
                               GEP->getNoWrapFlags());
      New->takeName(GEP);
      GEP->replaceAllUsesWith(New);
      GEP->eraseFromParent();
    }
}

void cairn::cleanUp(Function &F, FunctionAnalysisManager &FAM, OptimizationLevel Level,
                    const Expanded &E) {
  tidy(F);
  FunctionPassManager FPM;
  if (allocas(F) > E.Allocas)
    FPM.addPass(SROAPass(SROAOptions::ModifyCFG));
  // A count goes from one operation on an object to the next. What sites share otherwise
  // is the thread's view, which the program's stores between them may alias.
  if (E.Shares && !E.Crowd)
    FPM.addPass(EarlyCSEPass(/*UseMemorySSA=*/true));
  // The test for null after a malloc is known on the fast path, and that of a cell where it is a
  // constant on some ways.
  if (Level.getSpeedupLevel() > 1 && E.Tested)
    FPM.addPass(JumpThreadingPass());
  if (E.Calculates && !E.NumberCrowd)
    FPM.addPass(InstCombinePass());
  FPM.addPass(SimplifyBlocksPass());
  if (E.Shares)
    FPM.addPass(DSEPass());
  FPM.run(F, FAM);
  // Nobody asks again, and what a whole module's analyses take is in no cache when it is freed.
  FAM.invalidate(F, PreservedAnalyses::none());
}

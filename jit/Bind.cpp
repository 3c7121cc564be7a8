//===- Bind.cpp - This process's addresses in lowered code -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime's thread-local is initial-exec: it lies at one offset from every
// thread's pointer. That offset becomes a constant, which x86-64 addresses through
// %fs as an executable does. The table of slabs gets a copy of its address
// in the module's own data, in reach of its code; the instruction stays the same.
//
//===----------------------------------------------------------------------===//
#include "Bind.h"

#include "fast/fast.h"
#include "ir/Compat.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// The segment that holds the thread's block on x86-64, as an address space.
static constexpr unsigned kThreadSegment = 257;

static void bindThreadLocal(Module &M, GlobalVariable &Local) {
  const int64_t Offset = reinterpret_cast<intptr_t>(&cairn_rt_tls) -
                         reinterpret_cast<intptr_t>(__builtin_thread_pointer());
  for (User *U : make_early_inc_range(Local.users())) {
    auto *Address = dyn_cast<IntrinsicInst>(U);
    if (!Address || Address->getIntrinsicID() != Intrinsic::threadlocal_address)
      continue;
    for (User *V : make_early_inc_range(Address->users())) {
      auto *Load = dyn_cast<LoadInst>(V);
      if (!Load || !tripleOf(M).isX86())
        continue;
      IRBuilder<> B(Load);
      Constant *Slot =
          ConstantExpr::getIntToPtr(B.getInt64(uint64_t(Offset)), B.getPtrTy(kThreadSegment));
      LoadInst *New = B.CreateAlignedLoad(Load->getType(), Slot, Load->getAlign());
      New->takeName(Load);
      Load->replaceAllUsesWith(New);
      Load->eraseFromParent();
    }
    if (!Address->use_empty()) {
      IRBuilder<> B(Address);
      Value *Thread = B.CreateIntrinsic(Intrinsic::thread_pointer, {B.getPtrTy()}, {});
      Address->replaceAllUsesWith(B.CreatePtrAdd(Thread, B.getInt64(uint64_t(Offset))));
    }
    Address->eraseFromParent();
  }
}

void cairn::jit::bindToProcess(Module &M) {
  if (GlobalVariable *Local = M.getNamedGlobal("cairn_rt_tls"))
    bindThreadLocal(M, *Local);
  if (GlobalVariable *Table = M.getNamedGlobal("cairn_rt_table"); Table && Table->isDeclaration()) {
    auto *Int = Type::getInt64Ty(M.getContext());
    Table->setInitializer(ConstantExpr::getIntToPtr(
        ConstantInt::get(Int, reinterpret_cast<uintptr_t>(cairn_rt_table)), Table->getValueType()));
    Table->setLinkage(GlobalValue::InternalLinkage);
    Table->setVisibility(GlobalValue::DefaultVisibility);
    Table->setDSOLocal(true);
  }
}

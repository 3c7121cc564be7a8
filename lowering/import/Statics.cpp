//===- Statics.cpp - Telling the runtime of static objects ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The runtime knows static objects by the bounds of the section `cairn_static`. The C header has
// functions that name them; a frontend that writes IR need not.
//
//===----------------------------------------------------------------------===//
#include "import/Statics.h"

#include "cairn/abi.h"
#include "ir/Compat.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;
using namespace cairn;

/// Before all constructors without a priority, and after all such destructors.
static constexpr int kPriority = 101;

static bool definesStatics(const Module &M) {
  return any_of(M.globals(), [](const GlobalVariable &G) {
    return !G.isDeclarationForLinker() && G.getSection() == kStaticSection;
  });
}

/// A bound of the section, which the linker defines if anything is in it.
static Constant *bound(Module &M, const char *Which) {
  const std::string Name = (Twine(Which) + kStaticSection).str();
  if (GlobalVariable *Known = M.getNamedGlobal(Name))
    return Known;
  auto *Bound =
      new GlobalVariable(M, ArrayType::get(Type::getInt8Ty(M.getContext()), 0),
                         /*isConstant=*/false, GlobalValue::ExternalWeakLinkage, nullptr, Name);
  Bound->setVisibility(GlobalValue::HiddenVisibility);
  return Bound;
}

/// A function that calls the runtime's \p Callee with the bounds.
static Function *calling(Module &M, const Twine &Name, FunctionCallee Callee) {
  IRBuilder<> B(M.getContext());
  Function *F = Function::Create(FunctionType::get(B.getVoidTy(), false),
                                 GlobalValue::InternalLinkage, Name, M);
  F->setDoesNotThrow();
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", F));
  CallInst *Call = B.CreateCall(Callee, {bound(M, "__start_"), bound(M, "__stop_")});
  if (auto *Declared = dyn_cast<Function>(Callee.getCallee()))
    Call->setAttributes(Declared->getAttributes());
  B.CreateRetVoid();
  return F;
}

bool cairn::registerStatics(Module &M) {
  const auto Format = tripleOf(M).getObjectFormat();
  if ((Format != Triple::ELF && Format != Triple::Wasm) || !definesStatics(M))
    return false;
  Function *Told = M.getFunction("cairn_static_add");
  if (Told && !Told->use_empty())
    return false;
  Type *Ptr = PointerType::getUnqual(M.getContext());
  const AttributeList Bool = AttributeList().addRetAttribute(M.getContext(), Attribute::ZExt);
  FunctionCallee Add =
      M.getOrInsertFunction("cairn_static_add", Bool, Type::getInt1Ty(M.getContext()), Ptr, Ptr);
  appendToGlobalCtors(M, calling(M, "cairn.static.begin", Add), kPriority);
  if (Format == Triple::Wasm) // whose memory ends with the program
    return true;
  FunctionCallee Remove =
      M.getOrInsertFunction("cairn_static_remove", Type::getVoidTy(M.getContext()), Ptr, Ptr);
  appendToGlobalDtors(M, calling(M, "cairn.static.end", Remove), kPriority);
  return true;
}

//===- Nonshared.cpp - What each linked file has of its own -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Nonshared.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

#include <atomic>
#include <map>
#include <vector>

using namespace llvm;

/// Its address tells whose a registration is.
static GlobalVariable *dsoHandle(Module &M) {
  constexpr const char Own[] = "cairn.dso";
  if (GlobalVariable *Made = M.getGlobalVariable(Own, /*AllowInternal=*/true))
    return Made;
  Type *Byte = Type::getInt8Ty(M.getContext());
  GlobalVariable *Old = M.getNamedGlobal("__dso_handle");
  if (Old && !Old->isDeclaration())
    return Old;
  auto *New = new GlobalVariable(M, Byte, false, GlobalValue::InternalLinkage,
                                 Constant::getNullValue(Byte), Own);
  if (Old) {
    Old->replaceAllUsesWith(New);
    Old->eraseFromParent();
  }
  return New;
}

/// An int function of pointers that passes its arguments, and after them null or not
/// and the handle, to another one.
static Function *passingOn(Module &M, StringRef Name, StringRef To, unsigned Arguments, bool Null) {
  LLVMContext &C = M.getContext();
  Type *Int = Type::getInt32Ty(C);
  Type *Pointer = PointerType::getUnqual(C);
  std::vector<Type *> Types(Arguments, Pointer);
  auto *F = Function::Create(FunctionType::get(Int, Types, false), GlobalValue::InternalLinkage,
                             "cairn.local." + Name, M);
  std::vector<Value *> Values;
  for (Argument &A : F->args())
    Values.push_back(&A);
  if (Null)
    Values.push_back(ConstantPointerNull::get(PointerType::getUnqual(C)));
  Values.push_back(dsoHandle(M));
  Types.resize(Values.size(), Pointer);
  IRBuilder<> B(BasicBlock::Create(C, "", F));
  B.CreateRet(
      B.CreateCall(M.getOrInsertFunction(To, FunctionType::get(Int, Types, false)), Values));
  return F;
}

void cairn::jit::supplyNonshared(Module &M) {
  if (M.getNamedGlobal("__dso_handle"))
    dsoHandle(M);
  struct {
    const char *Name, *To;
    unsigned Arguments;
    bool Null;
  } const All[] = {
      {"atexit", "__cxa_atexit", 1, true},
      {"at_quick_exit", "__cxa_at_quick_exit", 1, false},
      {"pthread_atfork", "__register_atfork", 3, false},
      {"__pthread_atfork", "__register_atfork", 3, false},
  };
  for (auto &[Name, To, Arguments, Null] : All)
    if (Function *Old = M.getFunction(Name); Old && Old->isDeclaration()) {
      if (!Old->use_empty())
        Old->replaceAllUsesWith(passingOn(M, Name, To, Arguments, Null));
      Old->eraseFromParent();
    }
}

using List = std::multimap<uint64_t, Function *>; // by priority, then in order

static List takeList(Module &M, const char *Name) {
  List Found;
  GlobalVariable *Variable = M.getNamedGlobal(Name);
  if (!Variable || !Variable->hasInitializer())
    return Found;
  if (auto *Array = dyn_cast<ConstantArray>(Variable->getInitializer()))
    for (Value *V : Array->operands()) {
      auto *Entry = cast<ConstantStruct>(V);
      if (auto *F = dyn_cast<Function>(Entry->getOperand(1)->stripPointerCasts()))
        Found.insert({cast<ConstantInt>(Entry->getOperand(0))->getZExtValue(), F});
    }
  Variable->eraseFromParent();
  return Found;
}

/// A function without arguments, or with one that it ignores.
static Function *calling(Module &M, const Twine &Name, GlobalValue::LinkageTypes Linkage,
                         ArrayRef<Type *> Arguments, IRBuilder<> &B) {
  auto *F = Function::Create(FunctionType::get(B.getVoidTy(), Arguments, false), Linkage, Name, M);
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", F));
  return F;
}

static void call(IRBuilder<> &B, Function *F) {
  B.CreateCall(F->getFunctionType(), F)->setCallingConv(F->getCallingConv());
}

std::string cairn::jit::takeInitialisers(Module &M) {
  static std::atomic<unsigned> Count{0};
  List Constructors = takeList(M, "llvm.global_ctors");
  List Destructors = takeList(M, "llvm.global_dtors");
  if (Constructors.empty() && Destructors.empty())
    return {};
  IRBuilder<> B(M.getContext());
  Type *Pointer = B.getPtrTy();
  Function *Last = nullptr;
  if (!Destructors.empty()) {
    Last = calling(M, "cairn.finish", GlobalValue::InternalLinkage, {Pointer}, B);
    for (auto &[Priority, F] : reverse(Destructors))
      call(B, F);
    B.CreateRetVoid();
  }
  std::string Name = "cairn.initialise." + std::to_string(Count++);
  calling(M, Name, GlobalValue::ExternalLinkage, {}, B);
  // Registered before anything else is, they run after it.
  if (Last)
    B.CreateCall(M.getOrInsertFunction("__cxa_atexit", B.getInt32Ty(), Pointer, Pointer, Pointer),
                 {Last, ConstantPointerNull::get(B.getPtrTy()), dsoHandle(M)});
  for (auto &[Priority, F] : Constructors)
    call(B, F);
  B.CreateRetVoid();
  return Name;
}

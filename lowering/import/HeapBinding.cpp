//===- HeapBinding.cpp - The heap that a function allocates from --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "import/HeapBinding.h"

#include "import/Reports.h"
#include "ir/Managed.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

static StringRef setting(const Function &F, StringRef Key) {
  if (Attribute A = F.getFnAttribute(Key); A.isStringAttribute())
    return A.getValueAsString();
  if (auto *S = dyn_cast_or_null<MDString>(F.getParent()->getModuleFlag(Key)))
    return S->getString();
  return {};
}

/// The heap that \p F binds, or null for the thread's default heap.
static Value *heapOf(Function &F, Reports &R) {
  Module &M = *F.getParent();
  StringRef Binding = setting(F, "cairn-heap");
  if (Binding == "static") {
    StringRef Symbol = setting(F, "cairn-heap-symbol");
    if (Symbol.empty())
      Symbol = "cairn_default_heap_object";
    if (GlobalValue *GV = M.getNamedValue(Symbol))
      return GV;
    return M.getOrInsertGlobal(Symbol, Type::getInt8Ty(M.getContext()));
  }
  if (Binding == "argument") {
    unsigned N;
    StringRef Text = setting(F, "cairn-heap-argument");
    if (!Text.getAsInteger(10, N) && N < F.arg_size() && F.getArg(N)->getType()->isPointerTy())
      return F.getArg(N);
    R.error(M, "function '" + F.getName() + "' binds its heap to argument '" + Text +
                   "', which is not a pointer parameter of it");
    return nullptr;
  }
  if (!Binding.empty() && Binding != "thread")
    R.error(M, "function '" + F.getName() + "' has the unknown heap binding '" + Binding +
                   "' (thread, static and argument are known)");
  return nullptr;
}

/// The same as what \p Call calls with the heap first, or null if it has no such form.
static Function *heapForm(const CallInst &Call) {
  Module &M = const_cast<Module &>(*Call.getModule());
  const IntrinsicInfo *Plain = calledPlainForm(Call);
  if (!Plain || Plain->HeapForm == Plain->ID)
    return nullptr;
  const IntrinsicInfo &Form = intrinsic(Plain->HeapForm);
  if (const ManagedInfo *I = calledManaged(Call))
    return Call.getFunctionType() == I->type(M) ? managedFormOf(Form.ID).declare(M) : nullptr;
  return Call.getFunctionType() == Plain->type(M) ? Form.declare(M) : nullptr;
}

static bool bindHeap(Function &F, Reports &R) {
  if (setting(F, "cairn-heap").empty())
    return false;
  SmallVector<std::pair<CallInst *, Function *>> Calls;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&I))
      if (Function *Form = heapForm(*Call))
        Calls.push_back({Call, Form});
  Value *Heap = heapOf(F, R);
  if (!Heap)
    return false;
  for (auto [Call, Form] : Calls) {
    SmallVector<Value *, 4> Args{Heap};
    append_range(Args, Call->args());
    replaceByIntrinsic(*Call, *Form, Args);
  }
  return !Calls.empty();
}

bool cairn::bindHeaps(Module &M, Reports &R) {
  bool Changed = false;
  for (Function &F : M)
    if (!F.isDeclaration())
      Changed |= bindHeap(F, R);
  return Changed;
}

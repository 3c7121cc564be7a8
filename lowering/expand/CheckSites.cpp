//===- CheckSites.cpp - Places of calls in a checked program -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/CheckSites.h"

#include "expand/Fibers.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;
using namespace cairn;

/// A string that the module may have already.
static Constant *textOf(Module &M, StringRef Text) {
  const std::string Name = ("cairn.text." + Text).str();
  if (GlobalVariable *Have = M.getNamedGlobal(Name))
    return Have;
  Constant *Bytes = ConstantDataArray::getString(M.getContext(), Text);
  auto *New = new GlobalVariable(M, Bytes->getType(), /*isConstant=*/true,
                                 GlobalValue::PrivateLinkage, Bytes, Name);
  New->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  return New;
}

static StringRef functionOf(const DILocation &At, StringRef Otherwise) {
  const DISubprogram *In = At.getScope()->getSubprogram();
  return In && !In->getName().empty() ? In->getName() : Otherwise;
}

/// The function of a place. A place in another file's function that was inlined, as a header's
/// are which count for the program, says little: where that was called comes first, and before it
/// where the caller was inlined in its own file.
static std::string nameOf(const DILocation &At, StringRef Otherwise) {
  const DILocation *From = At.getInlinedAt();
  std::string Name = functionOf(At, From ? StringRef("?") : Otherwise).str();
  while (From && From->getFilename() == At.getFilename())
    From = From->getInlinedAt();
  constexpr unsigned kMostCallers = 3;
  const StringRef File = From ? From->getFilename() : StringRef();
  for (unsigned I = 0; From && From->getFilename() == File && I != kMostCallers;
       ++I, From = From->getInlinedAt())
    Name = (functionOf(*From, From->getInlinedAt() ? StringRef("?") : Otherwise) + " (" +
            From->getFilename() + ":" + Twine(From->getLine()) + ":" + Twine(From->getColumn()) +
            ") by " + Name)
               .str();
  return Name;
}

Constant *cairn::checkSiteOf(const CallInst &Call, Constant *Type) {
  const Function &F = *Call.getFunction();
  Module &M = *const_cast<Module *>(F.getParent());
  LLVMContext &C = M.getContext();
  PointerType *Ptr = PointerType::get(C, 0);
  std::string Name = F.getName().str();
  unsigned Line = 0, Column = 0;
  Constant *File = ConstantPointerNull::get(Ptr);
  if (const DILocation *At = Call.getDebugLoc()) {
    Line = At->getLine();
    Column = At->getColumn();
    if (!At->getFilename().empty())
      File = textOf(M, At->getFilename());
    Name = nameOf(*At, F.getName());
  }
  IntegerType *I32 = IntegerType::get(C, 32);
  auto Number = [&](unsigned N) { return ConstantInt::get(I32, N); };
  Constant *Fields[] = {textOf(M, Name),
                        File,
                        Type ? Type : ConstantPointerNull::get(Ptr),
                        Number(Line),
                        Number(Column),
                        Number(0),
                        Number(mayChangeThread(F) || F.isPresplitCoroutine())};
  auto *Record = StructType::get(Ptr, Ptr, Ptr, I32, I32, I32, I32);
  return new GlobalVariable(M, Record, /*isConstant=*/false, GlobalValue::PrivateLinkage,
                            ConstantStruct::get(Record, Fields), "cairn.site");
}

void cairn::requireCheckedHeaps(Module &M) {
  constexpr StringLiteral Name = "cairn.checked";
  if (M.getFunction(Name))
    return;
  auto *Type = FunctionType::get(Type::getVoidTy(M.getContext()), false);
  Function *F = Function::createWithDefaultAttr(Type, GlobalValue::InternalLinkage, 0, Name, &M);
  IRBuilder<> B(BasicBlock::Create(M.getContext(), "", F));
  B.CreateCall(M.getOrInsertFunction("cairn_rt_check_process", Type));
  B.CreateRetVoid();
  appendToGlobalCtors(M, F, /*Priority=*/1); // before the heap is made
}

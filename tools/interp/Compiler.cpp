//===- Compiler.cpp - A function to a module of the session --- -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emitter.h"

using namespace interp;

llvm::Error Emitter::run(const std::string &Name) {
  emitBody(Name);
  emitEntry(Name);
  return std::move(Problem);
}

/// Whether a call in tail position may go to another function than the one that runs.
static bool endsByCalls(const Node &N) {
  return (N.K == Node::Call && N.Tail && N.Kids[0]->K != Node::Self) ||
         llvm::any_of(N.Kids, [](const auto &Kid) { return endsByCalls(*Kid); });
}

void Emitter::emitBody(const std::string &Name) {
  std::vector<llvm::Type *> Types = {Ref};
  for (unsigned K = 0; K != F.Parameters; ++K)
    Types.insert(Types.end(), {Ref, Word});
  Body = llvm::Function::Create(llvm::FunctionType::get(Both, Types, false),
                                llvm::Function::InternalLinkage, Name + ".body", M);
  Body->setCallingConv(llvm::CallingConv::Fast);
  for (unsigned K = 0; K != F.Parameters; ++K)
    Body->getArg(2 * K + 1)->addAttr(llvm::Attribute::get(M.getContext(), "cairn-owned"));
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Body));
  Array = B.CreateAlloca(HostBoth, nullptr, "values");
  for (const Function::Variable &V : F.Variables) {
    IR *First = B.CreateAlloca(Ref, nullptr, V.Name);
    Slots.push_back({First, B.CreateAlloca(Word, nullptr, V.Name + ".bits")});
  }
  for (unsigned K = 0; K != Slots.size(); ++K)
    storeSlot(K, K < F.Parameters ? Operand{Body->getArg(2 * K + 1), Body->getArg(2 * K + 2)}
                                  : immediate(kNil));
  Start = block("start");
  Failed = block("failed");
  B.CreateBr(Start);
  B.SetInsertPoint(Start);
  EndsByCalls = endsByCalls(*F.Body);
  if (Operand Result = emit(*F.Body))
    ret(Result);
  Array->setAllocatedType(llvm::ArrayType::get(HostBoth, std::max<size_t>(ArraySize, 1)));
  B.SetInsertPoint(Failed);
  ret(immediate(kFailed));
}

void Emitter::emitEntry(const std::string &Name) {
  auto *Entry = llvm::Function::Create(llvm::FunctionType::get(HostBoth, {Ptr, Ptr}, false),
                                       llvm::Function::ExternalLinkage, Name, M);
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Entry));
  // The caller holds the closure that runs.
  std::vector<IR *> Arguments = {B.CreateAddrSpaceCast(Entry->getArg(0), Ref)};
  for (unsigned K = 0; K != F.Parameters; ++K) {
    Operand V = load(Ptr, Entry->getArg(1), K * sizeof(Value));
    Arguments.insert(Arguments.end(), {adopt(V.Ref), V.Bits});
  }
  auto *Call = B.CreateCall(Body, Arguments);
  Call->setCallingConv(Body->getCallingConv());
  Operand Result = result(Call);
  ret({release(Result.Ref), Result.Bits});
}

llvm::Expected<std::string> interp::Compiler::symbol(const Twine &Name, const void *Address) {
  std::string Symbol = Name.str();
  if (Defined.insert(Symbol).second)
    if (llvm::Error E = Session.define(Symbol, Address))
      return E;
  return Symbol;
}

llvm::Expected<Entry> interp::Compiler::compile(const Function &F) {
  const std::string Name = "f" + std::to_string(F.Id);
  auto Context = std::make_unique<llvm::LLVMContext>();
  auto M = std::make_unique<llvm::Module>(F.Name, *Context);
  // What frames held when the heap was full is found by a walk (Reclaim.cpp).
  M->addModuleFlag(llvm::Module::Max, "cairn-walked-heap", 1);
  if (llvm::Error E = Emitter(*this, I, F, *M).run(Name))
    return E;
  if (llvm::Error E = Session.add(Name + " " + F.Name,
                                  llvm::orc::ThreadSafeModule(std::move(M), std::move(Context))))
    return E;
  auto Found = Session.lookup(Name);
  if (!Found)
    return Found.takeError();
  return reinterpret_cast<Entry>(*Found);
}

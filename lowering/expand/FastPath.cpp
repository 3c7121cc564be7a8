//===- FastPath.cpp - The runtime's fast paths as bitcode -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/FastPath.h"

#include "expand/Bitcode.h"
#include "expand/EagerCall.h"
#include "expand/GenericPaths.h"
#include "expand/InlineBody.h"
#include "expand/PackedPaths.h"
#include "ir/Compat.h"
#include "ir/Diagnostics.h"
#include "ir/Intrinsics.h"
#include "ir/Signature.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace llvm;
using namespace cairn;

const char *cairn::nameOf(FastPathID ID) {
  static constexpr const char *Names[] = {
#define CAIRN_FAST_PATH(ID, NAME, SIGNATURE, TARGETS) NAME,
#include "expand/FastPaths.def"
  };
  return Names[unsigned(ID)];
}

/// Whether the bitcode has every fast path, with the signature that the lowering calls it by.
static bool checkFastPaths(Module &M, Module &Source, bool Checked) {
  enum { Everywhere, NotWasm };
  LLVMContext &C = M.getContext();
  Type *Size = M.getDataLayout().getIntPtrType(C);
  auto TypeOf = [&](const Signature &Types) {
    FunctionType *T = functionTypeOf(Types, C, Size);
    if (!Checked)
      return T;
    SmallVector<Type *, 6> Params(T->params());
    Params.push_back(PointerType::get(C, 0));
    return FunctionType::get(T->getReturnType(), Params, false);
  };
  auto Check = [&](FastPathID ID, const Signature &Types, bool IsOptional) {
    const char *Name = nameOf(ID);
    const Function *F = Source.getFunction(Name);
    if (F && F->getFunctionType() == TypeOf(Types))
      return true;
    if (!F && IsOptional)
      return true;
    std::string Want;
    raw_string_ostream(Want) << *TypeOf(Types);
    reportError(M, "the runtime's bitcode '" + Source.getModuleIdentifier() + "' " +
                       (F ? "has another signature of the fast path '" : "lacks the fast path '") +
                       Name + "', " + Want);
    return false;
  };
  const bool Wasm = tripleOf(Source).isWasm();
#define CAIRN_FAST_PATH(ID, NAME, SIGNATURE, TARGETS)                                              \
  if (!Check(FastPathID::ID, signatureOf(SIGNATURE), TARGETS == NotWasm && Wasm))                  \
    return false;
#include "expand/FastPaths.def"
  return true;
}

FastPath::FastPath(Module &M, RuntimeCode Code, bool Checked)
    : M(M), Source(std::move(Code.Source)), Packed(Code.Packed), Checked(Checked) {
  if (Packed) {
    for (StringRef Name : Packed->names(/*Declared=*/true))
      if (Name.starts_with("cairn_rt_"))
        Runtime.insert(Name.str());
    return;
  }
  while (!Source->named_metadata_empty())
    Source->eraseNamedMetadata(&*Source->named_metadata_begin());
  for (GlobalObject &GO : Source->global_objects())
    if (GO.isDeclaration() && GO.getName().starts_with("cairn_rt_"))
      Runtime.insert(GO.getName().str());
}

FastPath::~FastPath() = default;

std::unique_ptr<FastPath> FastPath::load(Module &M, StringRef Path, bool Checked) {
  RuntimeCode Code = readBitcode(M, Path, Checked);
  // The embedded code is of the bitcode that a test holds against the table.
  if (!Code.Source || (!Code.Packed && !checkFastPaths(M, *Code.Source, Checked)))
    return nullptr;
  return std::unique_ptr<FastPath>(new FastPath(M, std::move(Code), Checked));
}

GlobalValue *FastPath::find(StringRef Name) const {
  return Packed ? Packed->find(Name) : Source->getNamedValue(Name);
}

bool FastPath::has(FastPathID ID) const {
  return Packed ? Packed->has(nameOf(ID)) : Source->getFunction(nameOf(ID)) != nullptr;
}

FunctionCallee FastPath::get(FastPathID ID) {
  const char *Name = nameOf(ID);
  auto *From = cast_or_null<Function>(find(Name));
  assert(From && "asked for a fast path that the target does not have");
  Fast.insert(Name);
  Function *To = M.getFunction(Name);
  if (!To) {
    To = Function::Create(From->getFunctionType(), GlobalValue::ExternalLinkage, Name, M);
    To->setCallingConv(From->getCallingConv());
  }
  return {From->getFunctionType(), To};
}

/// A module may have declared the runtime's functions itself. Their types must be
/// the bitcode's, and their conventions become the bitcode's.
bool FastPath::agreeOnDeclarations() {
  for (const std::string &Name : Runtime) {
    GlobalValue *Have = M.getNamedValue(Name);
    if (!Have)
      continue;
    GlobalValue *Want = find(Name);
    if (Have->getValueID() != Want->getValueID() ||
        Have->isThreadLocal() != Want->isThreadLocal() ||
        (isa<Function>(Want) && Have->getValueType() != Want->getValueType())) {
      reportError(M, "'" + Name + "' is declared in another way than the runtime's bitcode does");
      return false;
    }
    if (auto *F = dyn_cast<Function>(Have)) {
      auto *From = cast<Function>(Want);
      if (!Packed)
        makeSignatureGeneric(*From);
      F->setCallingConv(From->getCallingConv());
      if (F->isDeclaration())
        F->setAttributes(From->getAttributes());
      else // the runtime's bitcode is in the module
        bindEagerly(*F);
      for (User *U : F->users())
        if (auto *Call = dyn_cast<CallBase>(U); Call && Call->getCalledOperand() == F)
          Call->setCallingConv(From->getCallingConv());
    }
  }
  for (const std::string &Name : Fast)
    if (!M.getFunction(Name)->isDeclaration()) {
      reportError(M, "'" + Name + "' is defined in the module; the name is the runtime's");
      return false;
    }
  return true;
}

bool FastPath::readBodies() {
  SmallVector<Function *> Work;
  SmallPtrSet<Function *, 16> Seen;
  for (const std::string &Name : Fast)
    Work.push_back(cast<Function>(find(Name)));
  while (!Work.empty()) {
    Function *F = Work.pop_back_val();
    if (!Seen.insert(F).second)
      continue;
    if (Error E = F->materialize()) {
      reportError(M, "the runtime's bitcode cannot be read: " + toString(std::move(E)));
      return false;
    }
    if (!Packed) {
      makeSignatureGeneric(*F);
      makeBodyGeneric(*F);
    }
    for (Instruction &I : instructions(*F))
      for (Value *V : I.operands())
        if (auto *Used = dyn_cast<Function>(V); Used && !Used->isDeclaration())
          Work.push_back(Used);
        else if (Used && !Packed)
          makeSignatureGeneric(*Used);
  }
  return true;
}

/// All calls of these functions, the last of each function first. Inlining splits the block
/// at the call and moves what follows it: from the end that is what lies between two calls,
/// from the beginning all the rest of the block each time.
static SmallVector<CallInst *> callsOf(ArrayRef<Function *> Bodies) {
  SmallPtrSet<const Value *, 16> Called(Bodies.begin(), Bodies.end());
  SetVector<Function *> Callers;
  for (Function *F : Bodies)
    for (User *U : F->users())
      Callers.insert(cast<CallInst>(U)->getFunction());
  SmallVector<CallInst *> Calls;
  for (Function *F : Callers)
    for (Instruction &I : instructions(*F))
      if (auto *Call = dyn_cast<CallInst>(&I); Call && Called.contains(Call->getCalledOperand()))
        Calls.push_back(Call);
  std::reverse(Calls.begin(), Calls.end());
  return Calls;
}

bool FastPath::inlineAll() {
  if (Fast.empty())
    return true;
  if (!agreeOnDeclarations() || !readBodies())
    return false;
  SmallPtrSet<GlobalVariable *, 16> Before;
  for (GlobalVariable &GV : M.globals())
    Before.insert(&GV);
  if (Linker::linkModules(M, std::move(Source), Linker::LinkOnlyNeeded)) {
    reportError(M, "the runtime's bitcode could not be linked");
    return false;
  }
  bool Ok = true;
  SmallVector<Function *> Bodies;
  for (const std::string &Name : Fast)
    Bodies.push_back(M.getFunction(Name));
  for (Function *F : Bodies) {
    F->setLinkage(GlobalValue::InternalLinkage);
    // It names the blocks that are left behind: "malloc.exit".
    F->setName(F->getName().substr(StringRef("cairn_fast_").size()));
  }
  std::map<const Value *, InlineBody> Ready;
  for (CallInst *Call : callsOf(Bodies)) {
    Function *Body = Call->getCalledFunction();
    if (const char *Why = Ready.try_emplace(Body, *Body).first->second.inlineAt(*Call)) {
      reportError(*Call, Twine("a fast path cannot be inlined: ") + Why);
      Ok = false;
    }
  }
  for (Function *F : Bodies)
    if (F->use_empty())
      F->eraseFromParent();
  // Tables of the bitcode's own that constants made unnecessary.
  for (GlobalVariable &GV : make_early_inc_range(M.globals()))
    if (GV.hasLocalLinkage() && GV.use_empty() && !Before.contains(&GV))
      GV.eraseFromParent();
  removeLeftovers();
  for (const std::string &Name : Runtime)
    if (Function *F = M.getFunction(Name))
      callEagerly(*F);
  return Ok;
}

void FastPath::removeLeftovers() {
  // In a program that is not a shared library the runtime's data is in reach: no
  // load from the global offset table. The thread-local stays initial-exec. AArch64's
  // linkers have that only for programs at a fixed address.
  auto *Direct =
      mdconst::extract_or_null<ConstantInt>(M.getModuleFlag("direct-access-external-data"));
  const bool Fixed = M.getPICLevel() == PICLevel::NotPIC;
  const bool Program = M.getPIELevel() != PIELevel::Default && !tripleOf(M).isAArch64();
  const bool InReach =
      (Fixed || Program) && M.getCodeModel() != CodeModel::Large && !(Direct && Direct->isZero());
  for (const std::string &Name : Runtime) {
    auto *GV = dyn_cast_or_null<GlobalObject>(M.getNamedValue(Name));
    if (!GV || !GV->isDeclaration())
      continue;
    if (GV->use_empty())
      GV->eraseFromParent();
    else if (isa<GlobalVariable>(GV) && !GV->isThreadLocal() && InReach)
      GV->setDSOLocal(true);
  }
}

//===- FastPath.cpp - The runtime's fast paths as bitcode -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is used of the bitcode is made generic as it is read. Target attributes go: the caller's
// hold, and a mismatch would stop inlining. TBAA goes: a slot changes its type when it
// is freed and when it is given out, and with type-based aliasing the program's last
// store into it could move past the runtime's link. Return and parameter attributes
// of the runtime's functions stay: they are its ABI.
//
//===----------------------------------------------------------------------===//
#include "expand/FastPath.h"

#include "expand/Bitcode.h"
#include "expand/EagerCall.h"
#include "expand/InlineBody.h"
#include "ir/Compat.h"
#include "ir/Diagnostics.h"
#include "ir/Intrinsics.h"
#include "ir/Signature.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Metadata.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace llvm;
using namespace cairn;

/// A function of the bitcode, its body apart.
static void makeSignatureGeneric(Function &F) {
  if (F.isIntrinsic())
    return;
  AttributeMask Target;
  for (Attribute A : F.getAttributes().getFnAttrs())
    if (A.isStringAttribute())
      Target.addAttribute(A.getKindAsString());
  // What the bitcode's compiler deduced, and the inlined copy must not claim.
  Target.addAttribute(Attribute::UWTable);
  F.removeFnAttrs(Target);
  bindEagerly(F);
  if (!F.isDeclaration()) {
    F.setVisibility(GlobalValue::DefaultVisibility);
    F.setLinkage(GlobalValue::ExternalLinkage);
  }
}

static void makeBodyGeneric(Function &F) {
  for (Instruction &I : instructions(F)) {
    I.dropUnknownNonDebugMetadata({LLVMContext::MD_prof});
    if (auto *Call = dyn_cast<CallBase>(&I)) {
      AttributeMask Target;
      for (Attribute A : Call->getAttributes().getFnAttrs())
        if (A.isStringAttribute())
          Target.addAttribute(A.getKindAsString());
      Target.addAttribute(Attribute::NoBuiltin);
      Call->removeFnAttrs(Target);
    }
  }
}

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

FastPath::FastPath(Module &M, std::unique_ptr<Module> Src, bool Checked)
    : M(M), Source(std::move(Src)), Checked(Checked) {
  while (!Source->named_metadata_empty())
    Source->eraseNamedMetadata(&*Source->named_metadata_begin());
  for (GlobalObject &GO : Source->global_objects())
    if (GO.isDeclaration() && GO.getName().starts_with("cairn_rt_"))
      Runtime.insert(GO.getName().str());
}

FastPath::~FastPath() = default;

std::unique_ptr<FastPath> FastPath::load(Module &M, StringRef Path, bool Checked) {
  std::unique_ptr<Module> Source = readBitcode(M, Path, Checked);
  if (!Source || !checkFastPaths(M, *Source, Checked))
    return nullptr;
  return std::unique_ptr<FastPath>(new FastPath(M, std::move(Source), Checked));
}

bool FastPath::has(FastPathID ID) const { return Source->getFunction(nameOf(ID)); }

FunctionCallee FastPath::get(FastPathID ID) {
  const char *Name = nameOf(ID);
  Function *From = Source->getFunction(Name);
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
    GlobalValue *Want = Source->getNamedValue(Name);
    if (Have->getValueID() != Want->getValueID() ||
        Have->isThreadLocal() != Want->isThreadLocal() ||
        (isa<Function>(Want) && Have->getValueType() != Want->getValueType())) {
      reportError(M, "'" + Name + "' is declared in another way than the runtime's bitcode does");
      return false;
    }
    if (auto *F = dyn_cast<Function>(Have)) {
      auto *From = cast<Function>(Want);
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
    Work.push_back(Source->getFunction(Name));
  while (!Work.empty()) {
    Function *F = Work.pop_back_val();
    if (!Seen.insert(F).second)
      continue;
    if (Error E = F->materialize()) {
      reportError(M, "the runtime's bitcode cannot be read: " + toString(std::move(E)));
      return false;
    }
    makeSignatureGeneric(*F);
    makeBodyGeneric(*F);
    for (Instruction &I : instructions(*F))
      for (Value *V : I.operands())
        if (auto *Used = dyn_cast<Function>(V); Used && Used->isDeclaration())
          makeSignatureGeneric(*Used);
        else if (Used)
          Work.push_back(Used);
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

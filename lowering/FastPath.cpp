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
#include "FastPath.h"

#include "Compat.h"
#include "Diagnostics.h"
#include "EagerCall.h"
#include "EmbeddedBitcode.h"
#include "Layout.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Metadata.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;
using namespace cairn;

static MemoryBufferRef embedded(const CairnBitcode &B) {
  return {StringRef(reinterpret_cast<const char *>(B.begin), B.size), B.name};
}

/// Of a module that names no machine: the one this runs on, as the code generator will take it.
static const CairnBitcode *embeddedFor(const Triple &T) {
  switch (namesNoMachine(T) ? Triple(sys::getProcessTriple()).getArch() : T.getArch()) {
  case Triple::x86_64:
    return &cairnBitcodeX86_64;
  case Triple::aarch64:
    return &cairnBitcodeAArch64;
  case Triple::wasm32:
    return &cairnBitcodeWasm32;
  default:
    return nullptr;
  }
}

/// "LLVM22.1.8" and the like: who wrote the bitcode. Reading a newer one may fail
/// anywhere, so it is asked for first.
static bool checkProducer(Module &M, MemoryBufferRef Buffer) {
  Expected<std::string> Producer = getBitcodeProducerString(Buffer);
  if (!Producer) {
    reportError(M, "the runtime's bitcode '" + Buffer.getBufferIdentifier() +
                       "' cannot be read: " + toString(Producer.takeError()));
    return false;
  }
  StringRef Version = *Producer;
  unsigned Major = 0;
  if (Version.consume_front("LLVM") && !Version.consumeInteger(10, Major) &&
      Major == LLVM_VERSION_MAJOR)
    return true;
  reportError(M, "the runtime's bitcode '" + Buffer.getBufferIdentifier() + "' was written by " +
                     *Producer + ", this is LLVM" LLVM_VERSION_STRING);
  return false;
}

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

FastPath::FastPath(Module &M, std::unique_ptr<Module> Src) : M(M), Source(std::move(Src)) {
  while (!Source->named_metadata_empty())
    Source->eraseNamedMetadata(&*Source->named_metadata_begin());
  for (GlobalObject &GO : Source->global_objects())
    if (GO.isDeclaration() && GO.getName().starts_with("cairn_rt_"))
      Runtime.insert(GO.getName().str());
}

FastPath::~FastPath() = default;

std::unique_ptr<FastPath> FastPath::load(Module &M, StringRef Path) {
  const Triple T = tripleOf(M);
  std::unique_ptr<MemoryBuffer> Owned;
  if (!Path.empty()) {
    auto Read = MemoryBuffer::getFile(Path);
    if (!Read) {
      reportError(M, "the runtime's bitcode '" + Path +
                         "' cannot be read: " + Read.getError().message());
      return nullptr;
    }
    Owned = std::move(*Read);
  } else if (const CairnBitcode *Embedded = embeddedFor(T)) {
    Owned = MemoryBuffer::getMemBuffer(embedded(*Embedded), /*RequiresNullTerminator=*/false);
  } else {
    reportError(M, "the runtime supports no target '" + (T.str().empty() ? "(none)" : T.str()) +
                       "', only x86_64, aarch64 and wasm32");
    return nullptr;
  }

  MemoryBufferRef Buffer = *Owned;
  if (!checkProducer(M, Buffer))
    return nullptr;
  // A module uses a few of the fast paths; their bodies are read when they are known.
  Expected<std::unique_ptr<Module>> Source =
      getOwningLazyBitcodeModule(std::move(Owned), M.getContext());
  if (!Source) {
    reportError(M, "the runtime's bitcode '" + Buffer.getBufferIdentifier() +
                       "' cannot be read: " + toString(Source.takeError()));
    return nullptr;
  }
  const Triple Have = tripleOf(**Source);
  if (T.getArch() != Triple::UnknownArch && Have.getArch() != T.getArch()) {
    reportError(M, "the runtime's bitcode is for '" + Have.str() + "', the module for '" + T.str() +
                       "'");
    return nullptr;
  }
  if (M.getDataLayoutStr().empty()) // as llc does
    M.setDataLayout((*Source)->getDataLayout());
  if (std::string Why = layoutDisagreement((*Source)->getDataLayout(), M.getDataLayout());
      !Why.empty()) {
    reportError(M, "the runtime's bitcode ('" + Have.str() + "') has the data layout '" +
                       (*Source)->getDataLayoutStr() + "', the module ('" + T.str() + "') has '" +
                       M.getDataLayoutStr() + "': " + Why);
    return nullptr;
  }
  // The linker would warn of a vendor's name, and of what does not matter.
  setTriple(**Source, T);
  (*Source)->setDataLayout(M.getDataLayout());
  return std::unique_ptr<FastPath>(new FastPath(M, std::move(*Source)));
}

bool FastPath::has(StringRef Name) const { return Source->getFunction(Name); }

FunctionCallee FastPath::get(StringRef Name) {
  Function *From = Source->getFunction(Name);
  assert(From && "the bitcode lacks a fast path");
  Fast.insert(Name.str());
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
  for (CallInst *Call : callsOf(Bodies)) {
    InlineFunctionInfo Info;
    InlineResult Result = InlineFunction(*Call, Info);
    if (Result.isSuccess())
      continue;
    reportError(*Call, Twine("a fast path cannot be inlined: ") + Result.getFailureReason());
    Ok = false;
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

//===- Import.cpp - cairn-import: from C names to intrinsics ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A name that the module defines is not Cairn's there, and is left alone: so the
// runtime itself can be compiled with the plugin. A use other than a direct call
// (the address of `cairn_free`) keeps the name, which the runtime library defines.
//
//===----------------------------------------------------------------------===//
#include "import/Import.h"

#include "cairn/abi.h"
#include "import/Annotations.h"
#include "import/HeapBinding.h"
#include "import/Marks.h"
#include "import/Patterns.h"
#include "import/ReferenceSpace.h"
#include "import/Reports.h"
#include "import/Statics.h"
#include "ir/Descriptor.h"
#include "ir/Managed.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace cairn;

namespace {

class Importer {
public:
  Importer(Module &M, Reports &R, bool Lowering) : M(M), R(R), Lowering(Lowering) {}
  bool run();

private:
  void importFunction(Function &F);
  void checkDefinition(GlobalValue &V);
  /// \p InfoT is that of either table: Intrinsics.def or Managed.def.
  template <typename InfoT> void importAs(Function &F, const InfoT &I);
  template <typename InfoT> void importCalls(Function &F, const InfoT &I, FunctionType *Type);
  void refineCalls(StringRef Name, FunctionType *Type, const IntrinsicInfo &I);
  void refine(CallInst &Call, const IntrinsicInfo &I);
  void checkBundles(CallInst &Call);

  Module &M;
  Reports &R;
  const bool Lowering;
  bool Changed = false;
  SmallPtrSet<const Value *, 4> Told; ///< Malformed descriptors.
  Descriptors Types;
};

} // namespace

/// Direct calls of \p F, invokes turned into calls: no Cairn function throws.
static SmallVector<CallInst *> directCalls(Function &F) {
  SmallVector<CallInst *> Calls;
  SmallVector<InvokeInst *> Invokes;
  for (Use &U : F.uses()) {
    auto *Call = dyn_cast<CallBase>(U.getUser());
    if (!Call || !Call->isCallee(&U))
      continue;
    if (auto *CI = dyn_cast<CallInst>(Call))
      Calls.push_back(CI);
    else if (auto *II = dyn_cast<InvokeInst>(Call))
      Invokes.push_back(II);
  }
  for (InvokeInst *II : Invokes)
    Calls.push_back(changeToCall(II));
  return Calls;
}

/// A bundle says what the call means beyond its operands, and the expansion would lose it.
/// An exception handler's token is handed on.
void Importer::checkBundles(CallInst &Call) {
  for (unsigned N = 0; N != Call.getNumOperandBundles(); ++N)
    if (OperandBundleUse Bundle = Call.getOperandBundleAt(N);
        Bundle.getTagID() != LLVMContext::OB_funclet)
      return R.error(Call, "a call of '" + Call.getCalledOperand()->getName() +
                               "' has the operand bundle '" + Bundle.getTagName() +
                               "'; only 'funclet' is supported");
}

static std::string print(const Type &T) {
  std::string Text;
  raw_string_ostream(Text) << T;
  return Text;
}

/// How a function is declared or called, beside its type.
static std::string convention(CallingConv::ID CC) {
  return CC == CallingConv::C ? "the C calling convention"
                              : "calling convention " + std::to_string(CC);
}

/// "has the type T, its signature is W", or what is wrong with the convention.
static std::string mismatch(StringRef How, const FunctionType *Have, CallingConv::ID CC,
                            const FunctionType *Want) {
  if (Have != Want)
    return (How + " as " + print(*Have) + ", its signature is " + print(*Want)).str();
  return (How + " with " + convention(CC) + ", it has " + convention(CallingConv::C)).str();
}

bool Importer::run() {
  checkReferenceSpace(M, R);
  Changed |= importAnnotations(M, R);
  for (Function &F : make_early_inc_range(M))
    if (F.isDeclaration())
      importFunction(F);
  for (GlobalValue &V : M.global_values())
    if (!isa<Function>(V) || !V.isDeclaration())
      checkDefinition(V);
  Changed |= bindHeaps(M, R);
  for (const IntrinsicInfo &I : intrinsics())
    if (I.is(kAllocates))
      refineCalls(I.Name, I.type(M), I);
  for (const ManagedInfo &I : managedIntrinsics())
    if (I.traits() & kAllocates)
      refineCalls(I.Name, I.type(M), intrinsic(*I.Plain));
  return Changed;
}

void Importer::importFunction(Function &F) {
  const StringRef Name = F.getName();
  if (const ManagedInfo *I = findManaged(Name))
    return importAs(F, *I);
  if (const ManagedInfo *I = findManagedCAlias(Name))
    return importAs(F, *I);
  if (const IntrinsicInfo *I = findIntrinsic(Name))
    return importAs(F, *I);
  if (const IntrinsicInfo *I = findCAlias(Name))
    return importAs(F, *I);
  if (!isReservedName(Name))
    return;
  SmallVector<CallInst *> Calls = directCalls(F);
  if (Calls.empty())
    R.error(M, "there is no intrinsic '" + Name + "'");
  for (CallInst *Call : Calls)
    R.error(*Call, "there is no intrinsic '" + Name + "'");
}

/// What has an intrinsic's name, and is no declaration of a function: the passes would call it in
/// the place of the intrinsic. The runtime defines those on plain pointers, for modules that were
/// never lowered.
void Importer::checkDefinition(GlobalValue &V) {
  const StringRef Name = V.getName();
  const IntrinsicInfo *I = findIntrinsic(Name);
  if (!I && !findManaged(Name))
    return;
  auto *F = dyn_cast<Function>(&V);
  if (!I || !F)
    R.error(M, "'" + Name + "' is an intrinsic's name, and " +
                   (F ? "a function" : "something that is no function") + " is defined by it here");
  else if (F->getFunctionType() != I->type(M) || F->getCallingConv() != CallingConv::C)
    R.error(M, mismatch(("'" + Name + "' is defined").str(), F->getFunctionType(),
                        F->getCallingConv(), I->type(M)));
}

template <typename InfoT> void Importer::importAs(Function &F, const InfoT &I) {
  const bool IsAlias = F.getName() != I.Name;
  FunctionType *Type = IsAlias ? I.cType(M) : I.type(M);
  if (F.getFunctionType() != Type || F.getCallingConv() != CallingConv::C) {
    std::string Message = mismatch(("'" + F.getName() + "' is declared").str(), F.getFunctionType(),
                                   F.getCallingConv(), Type);
    SmallVector<CallInst *> Calls = directCalls(F);
    if (Calls.empty())
      R.error(M, Message);
    for (CallInst *Call : Calls)
      R.error(*Call, Message);
    return;
  }

  if (!IsAlias) {
    AttributeList Attributes = I.attributes(M);
    if (F.getAttributes() != Attributes) {
      F.setAttributes(Attributes);
      Changed = true;
    }
  }
  importCalls(F, I, Type);
  F.removeDeadConstantUsers(); // an annotation that was applied
  if (IsAlias && F.use_empty()) {
    F.eraseFromParent();
    Changed = true;
  }
}

template <typename InfoT>
void Importer::importCalls(Function &F, const InfoT &I, FunctionType *Type) {
  const bool IsAlias = F.getName() != I.Name;
  for (CallInst *Call : directCalls(F)) {
    if (Call->getFunctionType() != Type || Call->getCallingConv() != CallingConv::C) {
      R.error(*Call, mismatch(("'" + F.getName() + "' is called").str(), Call->getFunctionType(),
                              Call->getCallingConv(), Type));
      continue;
    }
    checkBundles(*Call);
    if (!IsAlias)
      continue;
    IRBuilder<> B(Call);
    SmallVector<Value *, 3> Args;
    for (auto [Arg, To] : zip(Call->args(), I.type(M)->params()))
      Args.push_back(Arg->getType() == To ? Arg.get() : B.CreateZExt(Arg, To));
    replaceByIntrinsic(*Call, *I.declare(M), Args);
    Changed = true;
  }
}

/// Calls of an intrinsic of either table that allocates; \p I says how.
void Importer::refineCalls(StringRef Name, FunctionType *Type, const IntrinsicInfo &I) {
  Function *F = M.getFunction(Name);
  if (!F || !F->isDeclaration() || F->getFunctionType() != Type)
    return;
  for (CallInst *Call : directCalls(*F))
    refine(*Call, I);
}

/// Says at the call what its constants say.
void Importer::refine(CallInst &Call, const IntrinsicInfo &I) {
  const AttributeList Before = Call.getAttributes();
  LLVMContext &C = M.getContext();
  auto *N = I.is(kTyped) && !I.is(kArray) ? nullptr
                                          : dyn_cast<ConstantInt>(Call.getArgOperand(I.countArg()));
  // Whether nothing in the request can be wrong.
  bool Sound = false;
  if (I.is(kTyped)) {
    // What a frontend says of a descriptor that cannot be read here is not believed. In a link, a
    // function may have come from where it was read.
    if (!Lowering)
      Call.removeFnAttr(kTypeAttribute);
    DescriptorRead Read = Types.of(Call);
    if (!Read.Malformed.empty()) {
      if (Told.insert(Call.getArgOperand(I.typeArg())).second)
        R.error(Call, Read.Malformed);
      return;
    }
    if (Read.Known) {
      Call.addFnAttr(Attribute::get(C, kTypeAttribute, Read.Known->encode()));
      // What the descriptor says is known: nothing the program writes is read.
      Call.setMemoryEffects(MemoryEffects::inaccessibleMemOnly());
      if (Read.Known->Align == 16)
        Call.addRetAttr(Attribute::getWithAlignment(C, Align(16)));
      Sound = !I.is(kArray) || (N && N->getValue().ult(uint64_t(1) << 32));
    }
  } else if (I.is(kRawBlock)) {
    if (N && !N->isZero() && isAligned(Align(16), N->getZExtValue()))
      Call.addRetAttr(Attribute::getWithAlignment(C, Align(16)));
  } else {
    Sound = N && N->getValue().ule(kMaxBytes);
  }
  if (Sound && !I.is(kTry))
    Call.addRetAttr(Attribute::NonNull);
  Changed |= Call.getAttributes() != Before;
}

bool cairn::importModule(Module &M, bool &Failed, bool Lowering) {
  Reports R(M, Lowering);
  bool Changed = !Lowering && clearPatterns(M);
  Changed |= Importer(M, R, Lowering).run();
  Failed = R.failed();
  return Changed;
}

PreservedAnalyses ImportPass::run(Module &M, ModuleAnalysisManager &) {
  bool Failed;
  bool Changed = refuseMarks(M);
  Changed |= importModule(M, Failed, /*Lowering=*/false);
  if (RegisterStatics)
    Changed |= registerStatics(M);
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}

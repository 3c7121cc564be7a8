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
// The heap binding is resolved here, before any inlining: it belongs to the function
// that the call was written in, and a call inlined elsewhere keeps its heap.
//
//===----------------------------------------------------------------------===//
#include "import/Import.h"

#include "cairn/abi.h"
#include "ir/Descriptor.h"
#include "ir/Diagnostics.h"
#include "ir/Intrinsics.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;
using namespace cairn;

namespace {

class Importer {
public:
  Importer(Module &M, bool Lowering) : M(M), Lowering(Lowering) {}
  bool run();
  bool failed() const { return Failed; }

private:
  void importFunction(Function &F);
  void importCalls(Function &F, const IntrinsicInfo &I, FunctionType *Type);
  CallInst *replaceCall(CallInst &Old, const IntrinsicInfo &To, ArrayRef<Value *> Args);
  void bindHeap(Function &F);
  Value *heapOf(Function &F);
  void refine(CallInst &Call, const IntrinsicInfo &I);
  template <typename At> void error(At &Where, const Twine &Message) {
    if (!isTold(Where, Message))
      reportError(Where, Message);
    mark(Where, Message);
    Failed = true;
  }
  bool isTold(const CallInst &Call, const Twine &) const;
  bool isTold(const Module &, const Twine &Message) const;
  void mark(CallInst &Call, const Twine &);
  void mark(Module &, const Twine &Message);
  void checkBundles(CallInst &Call);
  StringRef setting(const Function &F, StringRef Key) const;

  Module &M;
  const bool Lowering; ///< Not the first time, perhaps.
  bool Changed = false, Failed = false;
  SmallPtrSet<const Value *, 4> Told; ///< Malformed descriptors.
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

/// What cairn-import reported: an attribute of the call, or text among the module's metadata.
/// cairn-lower, which imports again, takes the mark away and says nothing.
static constexpr StringLiteral kReported = "cairn-reported";
static constexpr StringLiteral kReports = "cairn.reported";

bool Importer::isTold(const CallInst &Call, const Twine &) const {
  return Call.hasFnAttr(kReported);
}

bool Importer::isTold(const Module &, const Twine &Message) const {
  NamedMDNode *Reports = M.getNamedMetadata(kReports);
  return Reports &&
         is_contained(Reports->operands(),
                      MDNode::get(M.getContext(), MDString::get(M.getContext(), Message.str())));
}

void Importer::mark(CallInst &Call, const Twine &) {
  if (Lowering)
    Call.removeFnAttr(kReported);
  else
    Call.addFnAttr(Attribute::get(M.getContext(), kReported));
}

void Importer::mark(Module &, const Twine &Message) {
  if (!Lowering && !isTold(M, Message))
    M.getOrInsertNamedMetadata(kReports)->addOperand(
        MDNode::get(M.getContext(), MDString::get(M.getContext(), Message.str())));
}

/// A bundle says what the call means beyond its operands, and the expansion would lose it.
/// An exception handler's token is handed on.
void Importer::checkBundles(CallInst &Call) {
  for (unsigned N = 0; N != Call.getNumOperandBundles(); ++N)
    if (OperandBundleUse Bundle = Call.getOperandBundleAt(N);
        Bundle.getTagID() != LLVMContext::OB_funclet)
      return error(Call, "a call of '" + Call.getCalledOperand()->getName() +
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
  for (Function &F : make_early_inc_range(M))
    if (F.isDeclaration())
      importFunction(F);
  for (Function &F : M)
    if (!F.isDeclaration())
      bindHeap(F);
  for (const IntrinsicInfo &I : intrinsics()) {
    Function *F = M.getFunction(I.Name);
    if (!F || !F->isDeclaration() || F->getFunctionType() != I.type(M) || !I.is(kAllocates))
      continue;
    for (CallInst *Call : directCalls(*F))
      refine(*Call, I);
  }
  return Changed;
}

void Importer::importFunction(Function &F) {
  const IntrinsicInfo *I = findIntrinsic(F.getName());
  const bool IsAlias = !I;
  if (IsAlias)
    I = findCAlias(F.getName());
  if (!I) {
    if (isReservedName(F.getName())) {
      SmallVector<CallInst *> Calls = directCalls(F);
      if (Calls.empty())
        error(M, "there is no intrinsic '" + F.getName() + "'");
      for (CallInst *Call : Calls)
        error(*Call, "there is no intrinsic '" + F.getName() + "'");
    }
    return;
  }

  FunctionType *Type = IsAlias ? I->cType(M) : I->type(M);
  if (F.getFunctionType() != Type || F.getCallingConv() != CallingConv::C) {
    std::string Message = mismatch(("'" + F.getName() + "' is declared").str(), F.getFunctionType(),
                                   F.getCallingConv(), Type);
    SmallVector<CallInst *> Calls = directCalls(F);
    if (Calls.empty())
      error(M, Message);
    for (CallInst *Call : Calls)
      error(*Call, Message);
    return;
  }

  if (!IsAlias) {
    AttributeList Attributes = I->attributes(M);
    if (F.getAttributes() != Attributes) {
      F.setAttributes(Attributes);
      Changed = true;
    }
  }
  importCalls(F, *I, Type);
  if (IsAlias && F.use_empty()) {
    F.eraseFromParent();
    Changed = true;
  }
}

void Importer::importCalls(Function &F, const IntrinsicInfo &I, FunctionType *Type) {
  const bool IsAlias = F.getName() != I.Name;
  for (CallInst *Call : directCalls(F)) {
    if (Call->getFunctionType() != Type || Call->getCallingConv() != CallingConv::C) {
      error(*Call, mismatch(("'" + F.getName() + "' is called").str(), Call->getFunctionType(),
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
    replaceCall(*Call, I, Args);
  }
}

CallInst *Importer::replaceCall(CallInst &Old, const IntrinsicInfo &To, ArrayRef<Value *> Args) {
  SmallVector<OperandBundleDef, 1> Bundles;
  Old.getOperandBundlesAsDefs(Bundles);
  IRBuilder<> B(&Old);
  CallInst *New = B.CreateCall(To.declare(M), Args, Bundles);
  New->setTailCallKind(Old.isTailCall() ? CallInst::TCK_Tail : Old.getTailCallKind());
  New->setDebugLoc(Old.getDebugLoc());
  New->takeName(&Old);
  Old.replaceAllUsesWith(New);
  Old.eraseFromParent();
  Changed = true;
  return New;
}

StringRef Importer::setting(const Function &F, StringRef Key) const {
  if (Attribute A = F.getFnAttribute(Key); A.isStringAttribute())
    return A.getValueAsString();
  if (auto *S = dyn_cast_or_null<MDString>(M.getModuleFlag(Key)))
    return S->getString();
  return {};
}

/// The heap that \p F binds, or null for the thread's default heap.
Value *Importer::heapOf(Function &F) {
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
    error(M, "function '" + F.getName() + "' binds its heap to argument '" + Text +
                 "', which is not a pointer parameter of it");
    return nullptr;
  }
  if (!Binding.empty() && Binding != "thread")
    error(M, "function '" + F.getName() + "' has the unknown heap binding '" + Binding +
                 "' (thread, static and argument are known)");
  return nullptr;
}

void Importer::bindHeap(Function &F) {
  if (setting(F, "cairn-heap").empty())
    return;
  SmallVector<CallInst *> Calls;
  for (BasicBlock &BB : F)
    for (Instruction &Inst : BB)
      if (auto *Call = dyn_cast<CallInst>(&Inst))
        if (const IntrinsicInfo *I = calledIntrinsic(*Call);
            I && I->HeapForm != I->ID && Call->getFunctionType() == I->type(M))
          Calls.push_back(Call);
  Value *Heap = heapOf(F);
  if (!Heap)
    return;
  for (CallInst *Call : Calls) {
    SmallVector<Value *, 4> Args{Heap};
    append_range(Args, Call->args());
    replaceCall(*Call, intrinsic(calledIntrinsic(*Call)->HeapForm), Args);
  }
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
    DescriptorRead Read = descriptorOf(Call);
    if (!Read.Malformed.empty()) {
      if (Told.insert(Call.getArgOperand(I.typeArg())).second)
        error(Call, Read.Malformed);
      Failed = true;
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
  Importer I(M, Lowering);
  bool Changed = I.run();
  if (NamedMDNode *Reports = M.getNamedMetadata(kReports); Reports && Lowering)
    Reports->eraseFromParent();
  Failed = I.failed();
  return Changed;
}

PreservedAnalyses ImportPass::run(Module &M, ModuleAnalysisManager &) {
  bool Failed;
  return importModule(M, Failed, /*Lowering=*/false) ? PreservedAnalyses::none()
                                                     : PreservedAnalyses::all();
}

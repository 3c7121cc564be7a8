//===- TypedRelease.cpp - The last release of the module's own types --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   cairn.release(object)             from inlined code, whose registers it keeps
//     count is 1: cairn.release.saving(object)
//     count never changes, as that of a static object: nothing
//     otherwise: the runtime
//
//   cairn.retain(object)              the same for a count that is taken; in modules with static
//                                     objects
//     count never changes: nothing
//     otherwise: the runtime
//
//   cairn.release.saving(object)      saves registers, which the others do not have to
//     cairn.release.last(object, kDeepest)
//
//   cairn.release.last(object, depth) the count is 1
//   next:
//     switch (header word without the tag)
//       a known type: load its fields; give the slot back, or else: the runtime;
//                     release all fields but the last; take the last's count;
//                     if that was its last one: object = last, next
//       otherwise:    the runtime
//
// The fields are loaded before the slot is given back, for the slot may be used again at once.
//
//===----------------------------------------------------------------------===//
#include "expand/TypedRelease.h"

#include "cairn/abi.h"
#include "expand/FastPath.h"
#include "ir/Compat.h"
#include "ir/Managed.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"

#include <map>

using namespace llvm;
using namespace cairn;

/// As the runtime has it (CAIRN_COLD, fast/entry.h): calls of its slow paths become calls of a
/// function of the module's own.
static CallingConv::ID slowPathConvention(const Module &M) {
  return tripleOf(M).isWasm() ? CallingConv::C : CallingConv::PreserveMost;
}

namespace {

/// Calls of itself that are nested before the runtime takes over.
constexpr unsigned kDeepest = 200;
/// A function for more types than these would be larger than what it saves.
constexpr unsigned kMostTypes = 64;
constexpr StringLiteral kRuntime = "cairn_rt_decref", kRuntimeRetain = "cairn_rt_incref";

/// The header words that the function knows, without tags, and the fields of each.
using Shapes = std::map<uint32_t, SmallVector<uint32_t, 8>>;

class Writer {
public:
  Writer(Module &M, FastPath &Paths)
      : M(M), Paths(Paths), B(M.getContext()), Ptr(B.getPtrTy()), Immediates(mayBeImmediates(M)),
        Likely(MDBuilder(M.getContext()).createLikelyBranchWeights()) {}
  TypedRelease run(const Shapes &Known);

private:
  Function *function(StringRef Name, ArrayRef<Type *> Params);
  void writeLast(Function &F, const Shapes &Known);
  void writeShape(ArrayRef<uint32_t> Fields, BasicBlock *Next, BasicBlock *Runtime);
  /// Takes a count of \p Child; where it was the last one, control is in \p Last.
  void takeCount(Value *Child, BasicBlock *Last, BasicBlock *Done);
  CallInst *callRuntime(Value *Object, StringRef Name = kRuntime);
  Function *writeRetain();
  /// Goes to \p Done if \p Count is one that never changes.
  void skipConstant(Value *Count, BasicBlock *Done);
  BasicBlock *block(const Twine &Name) {
    return BasicBlock::Create(M.getContext(), Name, B.GetInsertBlock()->getParent());
  }
  Value *at(Value *Object, int64_t Offset) {
    return B.CreateConstInBoundsGEP1_64(B.getInt8Ty(), Object, uint64_t(Offset));
  }

  Module &M;
  FastPath &Paths;
  IRBuilder<> B;
  PointerType *Ptr;
  const bool Immediates;
  MDNode *Likely;
  Function *Last = nullptr;
  PHINode *Object = nullptr; ///< The one that is released now.
  Value *Depth = nullptr;
};

} // namespace

Function *Writer::function(StringRef Name, ArrayRef<Type *> Params) {
  Function *F = Function::createWithDefaultAttr(FunctionType::get(B.getVoidTy(), Params, false),
                                                GlobalValue::InternalLinkage, 0, Name, &M);
  F->addFnAttr(Attribute::NoInline);
  F->addFnAttr(Attribute::NoUnwind);
  return F;
}

/// A call that the fast paths' own convention is given to when they are linked.
CallInst *Writer::callRuntime(Value *Of, StringRef Name) {
  FunctionCallee Callee = M.getOrInsertFunction(Name, FunctionType::get(B.getVoidTy(), Ptr, false));
  CallInst *Call = B.CreateCall(Callee, Of);
  Call->setCallingConv(slowPathConvention(*Call->getModule()));
  Call->setDoesNotThrow();
  return Call;
}

void Writer::skipConstant(Value *Count, BasicBlock *Done) {
  BasicBlock *Changes = block("changes");
  B.CreateCondBr(B.CreateICmpSLT(Count, B.getInt32(uint32_t(kStickyBand))), Done, Changes, Likely);
  B.SetInsertPoint(Changes);
}

void Writer::takeCount(Value *Child, BasicBlock *IsLast, BasicBlock *Done) {
  BasicBlock *Counted = block("counted"), *More = block("more"), *One = block("one"),
             *Other = block("other");
  Value *Skip = B.CreateIsNull(Child);
  if (Immediates)
    Skip = B.CreateOr(Skip, B.CreateTrunc(B.CreatePtrToInt(Child, B.getInt64Ty()), B.getInt1Ty()));
  B.CreateCondBr(Skip, Done, Counted);
  B.SetInsertPoint(Counted);
  Value *Place = at(Child, -int64_t(kHeaderSize));
  LoadInst *Count = B.CreateAlignedLoad(B.getInt32Ty(), Place, Align(4));
  Count->setAtomic(AtomicOrdering::Monotonic);
  B.CreateCondBr(B.CreateICmpSGT(Count, B.getInt32(1)), More, One);
  B.SetInsertPoint(More);
  StoreInst *Store = B.CreateAlignedStore(B.CreateSub(Count, B.getInt32(1)), Place, Align(4));
  Store->setAtomic(AtomicOrdering::Monotonic);
  B.CreateBr(Done);
  B.SetInsertPoint(One);
  B.CreateCondBr(B.CreateICmpEQ(Count, B.getInt32(1)), IsLast, Other, Likely);
  B.SetInsertPoint(Other);
  skipConstant(Count, Done);
  callRuntime(Child);
  B.CreateBr(Done);
}

void Writer::writeShape(ArrayRef<uint32_t> Fields, BasicBlock *Next, BasicBlock *Runtime) {
  SmallVector<Value *, 8> Children;
  for (uint32_t Offset : Fields)
    Children.push_back(B.CreateLoad(Ptr, at(Object, Offset)));
  BasicBlock *Given = block("given"), *Return = block("return");
  B.CreateCondBr(B.CreateCall(Paths.get(FastPathID::GiveBack), Object), Given, Runtime, Likely);
  B.SetInsertPoint(Given);
  for (Value *Child : ArrayRef(Children).drop_back(Children.empty() ? 0 : 1)) {
    BasicBlock *IsLast = block("last"), *Deeper = block("deeper"), *TooDeep = block("too.deep"),
               *Done = block("done");
    takeCount(Child, IsLast, Done);
    B.SetInsertPoint(IsLast);
    B.CreateCondBr(B.CreateIsNull(Depth), TooDeep, Deeper);
    B.SetInsertPoint(TooDeep);
    callRuntime(Child);
    B.CreateBr(Done);
    B.SetInsertPoint(Deeper);
    CallInst *Call = B.CreateCall(Last, {Child, B.CreateSub(Depth, B.getInt32(1))});
    Call->setCallingConv(Last->getCallingConv());
    B.CreateBr(Done);
    B.SetInsertPoint(Done);
  }
  if (Children.empty()) {
    B.CreateBr(Return);
  } else {
    BasicBlock *Goes = block("goes.on");
    takeCount(Children.back(), Goes, Return);
    B.SetInsertPoint(Goes);
    Object->addIncoming(Children.back(), Goes);
    B.CreateBr(Next);
  }
  B.SetInsertPoint(Return);
  B.CreateRetVoid();
}

void Writer::writeLast(Function &F, const Shapes &Known) {
  Depth = F.getArg(1);
  BasicBlock *Entry = BasicBlock::Create(M.getContext(), "", &F);
  B.SetInsertPoint(Entry);
  BasicBlock *Next = block("next"), *Runtime = block("runtime");
  B.CreateBr(Next);
  B.SetInsertPoint(Next);
  Object = B.CreatePHI(Ptr, unsigned(Known.size()) + 1);
  Object->addIncoming(F.getArg(0), Entry);
  Value *Meta = B.CreateAlignedLoad(B.getInt32Ty(), at(Object, -4), Align(4));
  SwitchInst *Switch =
      B.CreateSwitch(B.CreateAnd(Meta, B.getInt32(~kMetaTagMask)), Runtime, unsigned(Known.size()));
  for (const auto &[Word, Fields] : Known) {
    BasicBlock *Shape = block("shape");
    Switch->addCase(B.getInt32(Word), Shape);
    B.SetInsertPoint(Shape);
    writeShape(Fields, Next, Runtime);
  }
  B.SetInsertPoint(Runtime);
  callRuntime(Object);
  B.CreateRetVoid();
}

static bool hasStatics(const Module &M) {
  return any_of(M.globals(),
                [](const GlobalVariable &G) { return G.getSection() == kStaticSection; });
}

Function *Writer::writeRetain() {
  Function *Retain = function("cairn.retain", {Ptr});
  Retain->setCallingConv(slowPathConvention(M));
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Retain));
  Value *Object = Retain->getArg(0);
  LoadInst *Count =
      B.CreateAlignedLoad(B.getInt32Ty(), at(Object, -int64_t(kHeaderSize)), Align(4));
  Count->setAtomic(AtomicOrdering::Monotonic);
  BasicBlock *Done = block("done");
  skipConstant(Count, Done);
  callRuntime(Object, kRuntimeRetain)->setTailCall();
  B.CreateRetVoid();
  B.SetInsertPoint(Done);
  B.CreateRetVoid();
  return Retain;
}

TypedRelease Writer::run(const Shapes &Known) {
  Last = function("cairn.release.last", {Ptr, B.getInt32Ty()});
  Last->setCallingConv(CallingConv::Fast);
  writeLast(*Last, Known);
  Function *Saving = function("cairn.release.saving", {Ptr});
  Saving->setCallingConv(slowPathConvention(M));
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Saving));
  CallInst *Call = B.CreateCall(Last, {Saving->getArg(0), B.getInt32(kDeepest)});
  Call->setCallingConv(Last->getCallingConv());
  B.CreateRetVoid();

  Function *Release = function("cairn.release", {Ptr});
  Release->setCallingConv(slowPathConvention(M));
  B.SetInsertPoint(BasicBlock::Create(M.getContext(), "", Release));
  Value *First = Release->getArg(0);
  LoadInst *Count = B.CreateAlignedLoad(B.getInt32Ty(), at(First, -int64_t(kHeaderSize)), Align(4));
  Count->setAtomic(AtomicOrdering::Monotonic);
  BasicBlock *IsLast = block("last"), *Other = block("other"), *Done = block("done");
  B.CreateCondBr(B.CreateICmpEQ(Count, B.getInt32(1)), IsLast, Other, Likely);
  B.SetInsertPoint(IsLast);
  CallInst *Save = B.CreateCall(Saving, First);
  Save->setCallingConv(Saving->getCallingConv());
  Save->setTailCall();
  B.CreateRetVoid();
  B.SetInsertPoint(Other);
  skipConstant(Count, Done);
  callRuntime(First)->setTailCall();
  B.CreateRetVoid();
  B.SetInsertPoint(Done);
  B.CreateRetVoid();
  return {Release, Last, hasStatics(M) ? writeRetain() : nullptr};
}

TypedRelease cairn::makeTypedRelease(Module &M, ArrayRef<Descriptor> Types, FastPath &Paths) {
  Shapes Known;
  bool AnyFields = false;
  for (const Descriptor &D : Types)
    if (D.Meta && !(D.Meta & (kMetaRegistered | kMetaArray)) && !D.HasFinalizer &&
        D.slotBytes() <= kMaxSmall) {
      Known.try_emplace(D.Meta & ~kMetaTagMask, D.Fields.begin(), D.Fields.end());
      AnyFields |= !D.Fields.empty();
    }
  if (!AnyFields || Known.size() > kMostTypes)
    return {};
  return Writer(M, Paths).run(Known);
}

/// Lets all calls of \p Runtime but those of functions that were written here call \p Its.
static void callInstead(Module &M, StringRef Runtime, Function &Its) {
  for (const std::string &Name : {Runtime.str(), (Runtime + ".eager").str()})
    if (Function *Old = M.getFunction(Name))
      for (Use &U : make_early_inc_range(Old->uses())) {
        auto *Call = dyn_cast<CallBase>(U.getUser());
        if (!Call || !Call->isCallee(&U))
          continue;
        StringRef In = Call->getFunction()->getName();
        if (!In.starts_with("cairn.re") && !In.starts_with("cairn_rt_"))
          Call->setCalledFunction(&Its);
      }
}

void cairn::callTypedRelease(Module &M, const TypedRelease &Release) {
  callInstead(M, kRuntime, *Release.Release);
  if (Release.Retain)
    callInstead(M, kRuntimeRetain, *Release.Retain);
}

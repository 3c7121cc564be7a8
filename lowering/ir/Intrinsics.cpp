//===- Intrinsics.cpp - The table of Cairn's intrinsics -------*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks into the table (Intrinsics.def), and derives attributes from an entry's traits.
// What each attribute rests on is said where it is added: an attribute that is not true
// of the runtime is a miscompile that no test may show.
//
//===----------------------------------------------------------------------===//
#include "ir/Intrinsics.h"

#include "ir/Compat.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/ModRef.h"

using namespace llvm;
using namespace cairn;

// In the order of IntrinsicID.
static constexpr IntrinsicInfo kTable[] = {
#define CAIRN_INTRINSIC(ID, NAME, C_NAME, SIGNATURE, TRAITS, HEAP_FORM)                            \
  {IntrinsicID::ID, NAME, #C_NAME, signatureOf(SIGNATURE), TRAITS, IntrinsicID::HEAP_FORM},
#define CAIRN_INTRINSIC_WITHOUT_C(ID, NAME, SIGNATURE, TRAITS, HEAP_FORM)                          \
  {IntrinsicID::ID, NAME, "", signatureOf(SIGNATURE), TRAITS, IntrinsicID::HEAP_FORM},
#include "ir/Intrinsics.def"
};

/// From the name that \p NameOf gives to the entry.
template <typename NameT> static StringMap<const IntrinsicInfo *> indexBy(NameT NameOf) {
  StringMap<const IntrinsicInfo *> Index;
  for (const IntrinsicInfo &I : kTable)
    if (StringRef Name = NameOf(I); !Name.empty())
      Index[Name] = &I;
  return Index;
}

ArrayRef<IntrinsicInfo> cairn::intrinsics() { return kTable; }

const IntrinsicInfo &cairn::intrinsic(IntrinsicID ID) { return kTable[unsigned(ID)]; }

const IntrinsicInfo *cairn::findIntrinsic(StringRef Name) {
  if (!isReservedName(Name))
    return nullptr;
  static const auto Index = indexBy([](const IntrinsicInfo &I) { return I.Name; });
  return Index.lookup(Name);
}

const IntrinsicInfo *cairn::findCAlias(StringRef Name) {
  if (!Name.starts_with("cairn_"))
    return nullptr;
  static const auto Index = indexBy([](const IntrinsicInfo &I) { return I.CName; });
  return Index.lookup(Name);
}

bool cairn::isReservedName(StringRef Name) { return Name.starts_with("cairn."); }

const IntrinsicInfo *cairn::calledIntrinsic(const CallBase &Call) {
  const Function *Callee = Call.getCalledFunction();
  return Callee && Callee->isDeclaration() ? findIntrinsic(Callee->getName()) : nullptr;
}

SmallVector<CallInst *> cairn::intrinsicCalls(Function &F) {
  SmallVector<CallInst *> Calls;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<CallInst>(&I); Call && calledIntrinsic(*Call))
      Calls.push_back(Call);
  return Calls;
}

static Type *typeOf(SignatureType T, LLVMContext &C, Type *Size, unsigned RefSpace) {
  switch (T) {
  case SignatureType::Void:
    return Type::getVoidTy(C);
  case SignatureType::Ptr:
    return PointerType::get(C, 0);
  case SignatureType::Ref:
    return PointerType::get(C, RefSpace);
  case SignatureType::I1:
    return Type::getInt1Ty(C);
  case SignatureType::I8:
    return Type::getInt8Ty(C);
  case SignatureType::I32:
    return Type::getInt32Ty(C);
  case SignatureType::I64:
    return Type::getInt64Ty(C);
  case SignatureType::Double:
    return Type::getDoubleTy(C);
  case SignatureType::Size:
    return Size;
  }
  llvm_unreachable("all types are named");
}

FunctionType *cairn::functionTypeOf(const Signature &S, LLVMContext &C, Type *Size,
                                    unsigned RefSpace) {
  SmallVector<Type *, 4> Params;
  for (unsigned I = 0; I != S.NumParams; ++I)
    Params.push_back(typeOf(S.Params[I], C, Size, RefSpace));
  return FunctionType::get(typeOf(S.Result, C, Size, RefSpace), Params, false);
}

FunctionType *IntrinsicInfo::type(Module &M) const {
  return functionTypeOf(Types, M.getContext(), Type::getInt64Ty(M.getContext()));
}

FunctionType *IntrinsicInfo::cType(Module &M) const {
  return functionTypeOf(Types, M.getContext(), M.getDataLayout().getIntPtrType(M.getContext()));
}

AttributeList IntrinsicInfo::callAttributes(Module &M) const {
  LLVMContext &C = M.getContext();
  AttrBuilder Fn(C), Ret(C), Container(C), Bytes(C);
  Fn.addAttribute(Attribute::NoUnwind);
  Bytes.addAttribute(Attribute::ReadOnly);
  addNoCapture(Bytes);
  SmallVector<AttributeSet, 4> Params(type(M)->getNumParams());
  if (is(kCreates)) {
    // No allockind: a byte array starts with zeros, and LLVM is not to remove a list
    // for which a decref is left.
    for (auto Kind : {Attribute::WillReturn, Attribute::NoFree})
      Fn.addAttribute(Kind);
    Ret.addAttribute(Attribute::NoAlias);
    Ret.addAttribute(Attribute::NoUndef);
    MemoryEffects Effects = MemoryEffects::inaccessibleMemOnly();
    const unsigned Text = typeArg();
    if (type(M)->getParamType(Text)->isPointerTy()) {
      Effects |= MemoryEffects::argMemOnly(ModRefInfo::Ref);
      Params[Text] = AttributeSet::get(C, Bytes);
    }
    Fn.addMemoryAttr(Effects);
  } else {
    // A list's elements are memory that the program may address, and a release may run
    // a finaliser: what changes a container has no effects that can be named.
    addNoCapture(Container);
    Params[0] = AttributeSet::get(C, Container);
    if (is(kKey))
      Params[1] = AttributeSet::get(C, Bytes);
    if (is(kReads)) {
      for (auto Kind : {Attribute::WillReturn, Attribute::NoCallback, Attribute::NoFree})
        Fn.addAttribute(Kind);
      Fn.addMemoryAttr(MemoryEffects::readOnly());
      Ret.addAttribute(Attribute::NoUndef);
    }
  }
  return AttributeList::get(C, AttributeSet::get(C, Fn), AttributeSet::get(C, Ret), Params);
}

AttributeList IntrinsicInfo::attributes(Module &M) const {
  LLVMContext &C = M.getContext();
  AttrBuilder Fn(C), Ret(C), Object(C);
  // No finaliser and no handler may throw; longjmp is not unwinding.
  Fn.addAttribute(Attribute::NoUnwind);
  const MemoryEffects Header = MemoryEffects::inaccessibleMemOnly();

  if (isCall())
    return callAttributes(M);
  if (is(kAllocates)) {
    // A handler runs only to end the process, to make room or to longjmp away.
    Fn.addAttribute(Attribute::WillReturn);
    Fn.addAttribute(Attribute::NoFree);
    Fn.addAttribute("alloc-family", "cairn");
    // Typed objects start with null fields: their loads are not undefined.
    Fn.addAllocKindAttr(is(kTyped) ? AllocFnKind::Alloc
                                   : AllocFnKind::Alloc | AllocFnKind::Uninitialized);
    if (!is(kTyped))
      Fn.addAllocSizeAttr(countArg(), std::nullopt);
    // A descriptor made at run time is read, with the offsets it points to. Where it
    // is a known constant the call says less (Import.cpp).
    Fn.addMemoryAttr(is(kTyped) ? Header | MemoryEffects::readOnly() : Header);
    Ret.addAttribute(Attribute::NoAlias);
    Ret.addAttribute(Attribute::NoUndef);
    // Null is what an error handler that returns leaves: nonnull is for calls whose
    // constants rule an error out (Import.cpp).
    Ret.addAlignmentAttr(is(kArray) ? Align(16) : Align(8));
    return AttributeList::get(C, AttributeSet::get(C, Fn), AttributeSet::get(C, Ret), {});
  }

  if (is(kCell)) {
    // The result is the same memory. It is no fresh object to LLVM: what was loaded from the
    // old one has to be loaded before the new one's stores.
    if (!is(kReleases)) {
      for (auto Kind : {Attribute::WillReturn, Attribute::NoCallback, Attribute::NoSync})
        Fn.addAttribute(Kind);
      Fn.addMemoryAttr(Header | MemoryEffects::argMemOnly());
    }
    if (!Types.isVoid())
      Ret.addAttribute(Attribute::NoUndef);
    return AttributeList::get(C, AttributeSet::get(C, Fn), AttributeSet::get(C, Ret), {});
  }
  addNoCapture(Object);
  if (is(kFrees)) {
    Fn.addAttribute(Attribute::WillReturn);
    Fn.addAttribute("alloc-family", "cairn");
    Fn.addAllocKindAttr(AllocFnKind::Free);
    Fn.addMemoryAttr(Header | MemoryEffects::argMemOnly());
    Object.addAttribute(Attribute::AllocatedPointer);
  } else if (!is(kReleases)) {
    // A release may end the life of all that is reachable and run a finaliser, which must
    // not keep the object. The others call nothing and free nothing.
    for (auto Kind : {Attribute::WillReturn, Attribute::NoCallback, Attribute::NoFree})
      Fn.addAttribute(Kind);
  }
  if (is(kHeader)) {
    // The header is memory that the program never addresses. A shared count is raised by a
    // relaxed atomic, which orders nothing.
    Fn.addAttribute(Attribute::NoSync);
    Fn.addMemoryAttr(is(kReads) ? MemoryEffects::inaccessibleMemOnly(ModRefInfo::Ref) : Header);
  }
  // It walks what the object reaches: stores of fields stay before it.
  if (is(kWalks))
    Fn.addMemoryAttr(Header | MemoryEffects::readOnly());
  // One that acquires (cairn.is.unique, where it is true) sees what other owners did: no load
  // of a payload moves above it, so it has to be seen as one that may write memory.
  if (!Types.isVoid())
    Ret.addAttribute(Attribute::NoUndef);
  return AttributeList::get(C, AttributeSet::get(C, Fn), AttributeSet::get(C, Ret),
                            {AttributeSet::get(C, Object)});
}

Function *IntrinsicInfo::declare(Module &M) const {
  Function *F = M.getFunction(Name);
  if (!F) {
    F = Function::Create(type(M), GlobalValue::ExternalLinkage, Name, M);
    F->setAttributes(attributes(M));
  }
  return F;
}

CallInst *cairn::replaceByIntrinsic(CallInst &Old, Function &To, ArrayRef<Value *> Args) {
  SmallVector<OperandBundleDef, 1> Bundles;
  Old.getOperandBundlesAsDefs(Bundles);
  IRBuilder<> B(&Old);
  CallInst *New = B.CreateCall(&To, Args, Bundles);
  New->setTailCallKind(Old.isTailCall() ? CallInst::TCK_Tail : Old.getTailCallKind());
  New->setDebugLoc(Old.getDebugLoc());
  New->takeName(&Old);
  Old.replaceAllUsesWith(Old.getType()->isIntegerTy() ? B.CreateZExtOrTrunc(New, Old.getType())
                                                      : New);
  Old.eraseFromParent();
  return New;
}

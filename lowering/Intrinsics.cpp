//===- Intrinsics.cpp - The table of Cairn's intrinsics -------*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The table, and the attributes that its traits imply. What each attribute rests on
// is said where it is added: an attribute that is not true of the runtime is a
// miscompile that no test may show.
//
//===----------------------------------------------------------------------===//
#include "Intrinsics.h"

#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/ModRef.h"

using namespace llvm;
using namespace cairn;

using ID = IntrinsicID;

// In the order of IntrinsicID.
static constexpr IntrinsicInfo kTable[] = {
    {ID::Alloc, "cairn.alloc", "cairn_alloc", "pp", kAllocates | kTyped, ID::HeapAlloc},
    {ID::AllocTagged, "cairn.alloc.tagged", "cairn_alloc_tagged", "ppb",
     kAllocates | kTyped | kTagged, ID::HeapAllocTagged},
    {ID::AllocBytes, "cairn.alloc.bytes", "cairn_alloc_bytes", "pl", kAllocates | kBytes,
     ID::HeapAllocBytes},
    {ID::AllocArray, "cairn.alloc.array", "cairn_alloc_array", "ppl", kAllocates | kTyped | kArray,
     ID::HeapAllocArray},
    {ID::TryAlloc, "cairn.try.alloc", "cairn_try_alloc", "pp", kAllocates | kTyped | kTry,
     ID::HeapTryAlloc},
    {ID::TryAllocBytes, "cairn.try.alloc.bytes", "cairn_try_alloc_bytes", "pl",
     kAllocates | kBytes | kTry, ID::HeapTryAllocBytes},
    {ID::TryAllocArray, "cairn.try.alloc.array", "cairn_try_alloc_array", "ppl",
     kAllocates | kTyped | kArray | kTry, ID::HeapTryAllocArray},
    {ID::Malloc, "cairn.malloc", "cairn_malloc", "pl", kAllocates | kRawBlock | kTry,
     ID::HeapMalloc},
    {ID::HeapAlloc, "cairn.heap.alloc", "cairn_heap_alloc", "ppp", kAllocates | kTyped | kHeap,
     ID::HeapAlloc},
    {ID::HeapAllocTagged, "cairn.heap.alloc.tagged", "", "pppb",
     kAllocates | kTyped | kTagged | kHeap, ID::HeapAllocTagged},
    {ID::HeapAllocBytes, "cairn.heap.alloc.bytes", "cairn_heap_alloc_bytes", "ppl",
     kAllocates | kBytes | kHeap, ID::HeapAllocBytes},
    {ID::HeapAllocArray, "cairn.heap.alloc.array", "cairn_heap_alloc_array", "pppl",
     kAllocates | kTyped | kArray | kHeap, ID::HeapAllocArray},
    {ID::HeapTryAlloc, "cairn.heap.try.alloc", "cairn_heap_try_alloc", "ppp",
     kAllocates | kTyped | kTry | kHeap, ID::HeapTryAlloc},
    {ID::HeapTryAllocBytes, "cairn.heap.try.alloc.bytes", "cairn_heap_try_alloc_bytes", "ppl",
     kAllocates | kBytes | kTry | kHeap, ID::HeapTryAllocBytes},
    {ID::HeapTryAllocArray, "cairn.heap.try.alloc.array", "cairn_heap_try_alloc_array", "pppl",
     kAllocates | kTyped | kArray | kTry | kHeap, ID::HeapTryAllocArray},
    {ID::HeapMalloc, "cairn.heap.malloc", "cairn_heap_malloc", "ppl",
     kAllocates | kRawBlock | kTry | kHeap, ID::HeapMalloc},
    {ID::Free, "cairn.free", "cairn_free", "vp", kRawBlock, ID::Free},
    {ID::FreeSized, "cairn.free.sized", "cairn_free_sized", "vpl", kRawBlock, ID::FreeSized},
    {ID::Incref, "cairn.incref", "cairn_incref", "vp", 0, ID::Incref},
    {ID::Decref, "cairn.decref", "cairn_decref", "vp", 0, ID::Decref},
    {ID::IsUnique, "cairn.is.unique", "cairn_is_unique", "ip", 0, ID::IsUnique},
    {ID::Share, "cairn.share", "cairn_share", "vp", 0, ID::Share},
    {ID::Tag, "cairn.tag", "cairn_tag", "bp", 0, ID::Tag},
    {ID::SetTag, "cairn.set.tag", "cairn_set_tag", "vpb", 0, ID::SetTag},
};

ArrayRef<IntrinsicInfo> cairn::intrinsics() { return kTable; }

const IntrinsicInfo &cairn::intrinsic(IntrinsicID ID) { return kTable[unsigned(ID)]; }

const IntrinsicInfo *cairn::findIntrinsic(StringRef Name) {
  if (!isReservedName(Name))
    return nullptr;
  for (const IntrinsicInfo &I : kTable)
    if (I.Name == Name)
      return &I;
  return nullptr;
}

const IntrinsicInfo *cairn::findCAlias(StringRef Name) {
  if (!Name.starts_with("cairn_"))
    return nullptr;
  for (const IntrinsicInfo &I : kTable)
    if (I.CName == Name)
      return &I;
  return nullptr;
}

bool cairn::isReservedName(StringRef Name) { return Name.starts_with("cairn."); }

const IntrinsicInfo *cairn::calledIntrinsic(const CallBase &Call) {
  const Function *Callee = Call.getCalledFunction();
  return Callee && Callee->isDeclaration() ? findIntrinsic(Callee->getName()) : nullptr;
}

static FunctionType *signature(StringRef Letters, LLVMContext &C, Type *Size) {
  auto TypeOf = [&](char Letter) -> Type * {
    switch (Letter) {
    case 'p':
      return PointerType::get(C, 0);
    case 'i':
      return Type::getInt1Ty(C);
    case 'b':
      return Type::getInt8Ty(C);
    case 'l':
      return Size;
    default:
      return Type::getVoidTy(C);
    }
  };
  SmallVector<Type *, 3> Params;
  for (char Letter : Letters.drop_front())
    Params.push_back(TypeOf(Letter));
  return FunctionType::get(TypeOf(Letters.front()), Params, false);
}

FunctionType *IntrinsicInfo::type(Module &M) const {
  return signature(Signature, M.getContext(), Type::getInt64Ty(M.getContext()));
}

FunctionType *IntrinsicInfo::cType(Module &M) const {
  return signature(Signature, M.getContext(), M.getDataLayout().getIntPtrType(M.getContext()));
}

AttributeList IntrinsicInfo::attributes(Module &M) const {
  LLVMContext &C = M.getContext();
  AttrBuilder Fn(C), Ret(C), Object(C);
  // No finaliser and no handler may throw; longjmp is not unwinding.
  Fn.addAttribute(Attribute::NoUnwind);
  const MemoryEffects Header = MemoryEffects::inaccessibleMemOnly();

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

  switch (ID) {
  case IntrinsicID::Free:
  case IntrinsicID::FreeSized:
    Fn.addAttribute(Attribute::WillReturn);
    Fn.addAttribute("alloc-family", "cairn");
    Fn.addAllocKindAttr(AllocFnKind::Free);
    Fn.addMemoryAttr(Header | MemoryEffects::argMemOnly());
    Object.addAttribute(Attribute::AllocatedPointer);
    Object.addCapturesAttr(CaptureInfo::none());
    break;
  case IntrinsicID::Incref:
  case IntrinsicID::Tag:
  case IntrinsicID::SetTag:
    // The header is memory that the program never addresses. A shared count is
    // raised by a relaxed atomic, which orders nothing.
    for (auto Kind :
         {Attribute::WillReturn, Attribute::NoCallback, Attribute::NoFree, Attribute::NoSync})
      Fn.addAttribute(Kind);
    Fn.addMemoryAttr(ID == IntrinsicID::Tag ? MemoryEffects::inaccessibleMemOnly(ModRefInfo::Ref)
                                            : Header);
    Object.addCapturesAttr(CaptureInfo::none());
    if (ID == IntrinsicID::Tag)
      Ret.addAttribute(Attribute::NoUndef);
    break;
  case IntrinsicID::Share:
    // It walks what the object reaches: stores of fields stay before it.
    for (auto Kind : {Attribute::WillReturn, Attribute::NoCallback, Attribute::NoFree})
      Fn.addAttribute(Kind);
    Fn.addMemoryAttr(Header | MemoryEffects::readOnly());
    Object.addCapturesAttr(CaptureInfo::none());
    break;
  case IntrinsicID::IsUnique:
    // True is an acquire of what other owners did: no payload load moves above it,
    // so it has to be seen as one that may write memory.
    for (auto Kind : {Attribute::WillReturn, Attribute::NoCallback, Attribute::NoFree})
      Fn.addAttribute(Kind);
    Ret.addAttribute(Attribute::NoUndef);
    Object.addCapturesAttr(CaptureInfo::none());
    break;
  default:
    // decref may end the life of all that is reachable and run a finaliser, which
    // must not keep the object.
    Object.addCapturesAttr(CaptureInfo::none());
    break;
  }
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

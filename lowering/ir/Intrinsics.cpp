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
#include "ir/Intrinsics.h"

#include "ir/Compat.h"
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
    {ID::AllocString, "cairn.alloc.string", "cairn_alloc_string", "ppl", kCreates,
     ID::HeapAllocString},
    {ID::TryAllocString, "cairn.try.alloc.string", "cairn_try_alloc_string", "ppl", kCreates,
     ID::HeapTryAllocString},
    {ID::HeapAllocString, "cairn.heap.alloc.string", "cairn_heap_alloc_string", "pppl",
     kCreates | kHeap, ID::HeapAllocString},
    {ID::HeapTryAllocString, "cairn.heap.try.alloc.string", "cairn_heap_try_alloc_string", "pppl",
     kCreates | kHeap, ID::HeapTryAllocString},
    {ID::AllocByteArray, "cairn.alloc.byte.array", "cairn_alloc_byte_array", "pww", kCreates,
     ID::HeapAllocByteArray},
    {ID::TryAllocByteArray, "cairn.try.alloc.byte.array", "cairn_try_alloc_byte_array", "pww",
     kCreates, ID::HeapTryAllocByteArray},
    {ID::HeapAllocByteArray, "cairn.heap.alloc.byte.array", "cairn_heap_alloc_byte_array", "ppww",
     kCreates | kHeap, ID::HeapAllocByteArray},
    {ID::HeapTryAllocByteArray, "cairn.heap.try.alloc.byte.array",
     "cairn_heap_try_alloc_byte_array", "ppww", kCreates | kHeap, ID::HeapTryAllocByteArray},
    {ID::AllocList, "cairn.alloc.list", "cairn_alloc_list", "pww", kCreates, ID::HeapAllocList},
    {ID::TryAllocList, "cairn.try.alloc.list", "cairn_try_alloc_list", "pww", kCreates,
     ID::HeapTryAllocList},
    {ID::HeapAllocList, "cairn.heap.alloc.list", "cairn_heap_alloc_list", "ppww", kCreates | kHeap,
     ID::HeapAllocList},
    {ID::HeapTryAllocList, "cairn.heap.try.alloc.list", "cairn_heap_try_alloc_list", "ppww",
     kCreates | kHeap, ID::HeapTryAllocList},
    {ID::AllocDict, "cairn.alloc.dict", "cairn_alloc_dict", "pw", kCreates, ID::HeapAllocDict},
    {ID::TryAllocDict, "cairn.try.alloc.dict", "cairn_try_alloc_dict", "pw", kCreates,
     ID::HeapTryAllocDict},
    {ID::HeapAllocDict, "cairn.heap.alloc.dict", "cairn_heap_alloc_dict", "ppw", kCreates | kHeap,
     ID::HeapAllocDict},
    {ID::HeapTryAllocDict, "cairn.heap.try.alloc.dict", "cairn_heap_try_alloc_dict", "ppw",
     kCreates | kHeap, ID::HeapTryAllocDict},
    {ID::ListLength, "cairn.list.length", "cairn_list_length", "wp", kContainer | kReads,
     ID::ListLength},
    {ID::ListElemSize, "cairn.list.elem.size", "cairn_list_elem_size", "wp", kContainer | kReads,
     ID::ListElemSize},
    {ID::ListKind, "cairn.list.kind", "cairn_list_kind", "wp", kContainer | kReads, ID::ListKind},
    {ID::ListData, "cairn.list.data", "cairn_list_data", "pp", kContainer | kReads, ID::ListData},
    {ID::ListAppend, "cairn.list.append", "cairn_list_append", "vpq", kContainer, ID::ListAppend},
    {ID::ListAppendFloat, "cairn.list.append.float", "cairn_list_append_float", "vpd", kContainer,
     ID::ListAppendFloat},
    {ID::ListAppendRef, "cairn.list.append.ref", "cairn_list_append_ref", "vpp", kContainer,
     ID::ListAppendRef},
    {ID::TryListAppend, "cairn.try.list.append", "cairn_try_list_append", "ipq", kContainer,
     ID::TryListAppend},
    {ID::TryListAppendFloat, "cairn.try.list.append.float", "cairn_try_list_append_float", "ipd",
     kContainer, ID::TryListAppendFloat},
    {ID::TryListAppendRef, "cairn.try.list.append.ref", "cairn_try_list_append_ref", "ipp",
     kContainer, ID::TryListAppendRef},
    {ID::ListGet, "cairn.list.get", "cairn_list_get", "qpw", kContainer | kReads, ID::ListGet},
    {ID::ListGetFloat, "cairn.list.get.float", "cairn_list_get_float", "dpw", kContainer | kReads,
     ID::ListGetFloat},
    {ID::ListGetRef, "cairn.list.get.ref", "cairn_list_get_ref", "ppw", kContainer | kReads,
     ID::ListGetRef},
    {ID::ListSet, "cairn.list.set", "cairn_list_set", "vpwq", kContainer, ID::ListSet},
    {ID::ListSetFloat, "cairn.list.set.float", "cairn_list_set_float", "vpwd", kContainer,
     ID::ListSetFloat},
    {ID::ListSetRef, "cairn.list.set.ref", "cairn_list_set_ref", "vpwp", kContainer,
     ID::ListSetRef},
    {ID::DictLength, "cairn.dict.length", "cairn_dict_length", "wp", kContainer | kReads,
     ID::DictLength},
    {ID::DictKind, "cairn.dict.kind", "cairn_dict_kind", "wppl", kContainer | kReads | kKey,
     ID::DictKind},
    {ID::DictSet, "cairn.dict.set", "cairn_dict_set", "vpplp", kContainer | kKey, ID::DictSet},
    {ID::DictSetInt, "cairn.dict.set.int", "cairn_dict_set_int", "vpplq", kContainer | kKey,
     ID::DictSetInt},
    {ID::DictSetFloat, "cairn.dict.set.float", "cairn_dict_set_float", "vppld", kContainer | kKey,
     ID::DictSetFloat},
    {ID::TryDictSet, "cairn.try.dict.set", "cairn_try_dict_set", "ipplp", kContainer | kKey,
     ID::TryDictSet},
    {ID::TryDictSetInt, "cairn.try.dict.set.int", "cairn_try_dict_set_int", "ipplq",
     kContainer | kKey, ID::TryDictSetInt},
    {ID::TryDictSetFloat, "cairn.try.dict.set.float", "cairn_try_dict_set_float", "ippld",
     kContainer | kKey, ID::TryDictSetFloat},
    {ID::DictGet, "cairn.dict.get", "cairn_dict_get", "pppl", kContainer | kReads | kKey,
     ID::DictGet},
    {ID::DictGetInt, "cairn.dict.get.int", "cairn_dict_get_int", "qppl", kContainer | kReads | kKey,
     ID::DictGetInt},
    {ID::DictGetFloat, "cairn.dict.get.float", "cairn_dict_get_float", "dppl",
     kContainer | kReads | kKey, ID::DictGetFloat},
    {ID::DictDelete, "cairn.dict.delete", "cairn_dict_delete", "ippl", kContainer | kKey,
     ID::DictDelete},
    {ID::DictCleanup, "cairn.dict.cleanup", "cairn_dict_cleanup", "vp", kContainer,
     ID::DictCleanup},
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
    case 'w':
      return Type::getInt32Ty(C);
    case 'q':
      return Type::getInt64Ty(C);
    case 'd':
      return Type::getDoubleTy(C);
    case 'l':
      return Size;
    default:
      return Type::getVoidTy(C);
    }
  };
  SmallVector<Type *, 4> Params;
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

  switch (ID) {
  case IntrinsicID::Free:
  case IntrinsicID::FreeSized:
    Fn.addAttribute(Attribute::WillReturn);
    Fn.addAttribute("alloc-family", "cairn");
    Fn.addAllocKindAttr(AllocFnKind::Free);
    Fn.addMemoryAttr(Header | MemoryEffects::argMemOnly());
    Object.addAttribute(Attribute::AllocatedPointer);
    addNoCapture(Object);
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
    addNoCapture(Object);
    if (ID == IntrinsicID::Tag)
      Ret.addAttribute(Attribute::NoUndef);
    break;
  case IntrinsicID::Share:
    // It walks what the object reaches: stores of fields stay before it.
    for (auto Kind : {Attribute::WillReturn, Attribute::NoCallback, Attribute::NoFree})
      Fn.addAttribute(Kind);
    Fn.addMemoryAttr(Header | MemoryEffects::readOnly());
    addNoCapture(Object);
    break;
  case IntrinsicID::IsUnique:
    // True is an acquire of what other owners did: no payload load moves above it,
    // so it has to be seen as one that may write memory.
    for (auto Kind : {Attribute::WillReturn, Attribute::NoCallback, Attribute::NoFree})
      Fn.addAttribute(Kind);
    Ret.addAttribute(Attribute::NoUndef);
    addNoCapture(Object);
    break;
  default:
    // decref may end the life of all that is reachable and run a finaliser, which
    // must not keep the object.
    addNoCapture(Object);
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

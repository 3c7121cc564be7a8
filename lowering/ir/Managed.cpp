//===- Managed.cpp - Managed references and who owns them -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Looks into the table (Managed.def), and answers what a call does with the units of its
// references. A managed intrinsic's attributes are those of its plain form.
//
//===----------------------------------------------------------------------===//
#include "ir/Managed.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

namespace cairn {
// Not constexpr: a call of it is the error that the compiler shows.
void notAnOwnership(); ///< A letter for each parameter, >, and one for the result.
} // namespace cairn

namespace {

consteval Ownership ownershipOf(char Letter) {
  if (Letter == 'o')
    return Ownership::Owned;
  if (Letter == 'b')
    return Ownership::Borrowed;
  if (Letter != '.')
    notAnOwnership();
  return Ownership::None;
}

consteval ManagedInfo entry(ManagedID ID, StringLiteral Name, StringLiteral CName, Signature Types,
                            std::string_view Letters, std::optional<IntrinsicID> Plain) {
  ManagedInfo I = {ID, Name, CName, Types, {}, Ownership::None, Plain};
  if (Letters.size() != Types.NumParams + 2 || Letters[Types.NumParams] != '>')
    notAnOwnership();
  for (unsigned N = 0; N != Types.NumParams; ++N) {
    I.Params[N] = ownershipOf(Letters[N]);
    if ((I.Params[N] == Ownership::None) != (Types.Params[N] != SignatureType::Ref))
      notAnOwnership();
  }
  I.Result = ownershipOf(Letters.back());
  if ((I.Result == Ownership::None) != (Types.Result != SignatureType::Ref))
    notAnOwnership();
  return I;
}

// In the order of ManagedID.
constexpr ManagedInfo kTable[] = {
#define CAIRN_MANAGED(ID, NAME, C_NAME, SIGNATURE, OWNERSHIP, PLAIN)                               \
  entry(ManagedID::ID, NAME, #C_NAME, signatureOf(SIGNATURE), OWNERSHIP, IntrinsicID::PLAIN),
#define CAIRN_MANAGED_WITHOUT_C(ID, NAME, SIGNATURE, OWNERSHIP, PLAIN)                             \
  entry(ManagedID::ID, NAME, "", signatureOf(SIGNATURE), OWNERSHIP, IntrinsicID::PLAIN),
#define CAIRN_CONVERSION(ID, NAME, C_NAME, SIGNATURE, OWNERSHIP)                                   \
  entry(ManagedID::ID, NAME, #C_NAME, signatureOf(SIGNATURE), OWNERSHIP, std::nullopt),
#include "ir/Managed.def"
};

template <typename NameT> StringMap<const ManagedInfo *> indexBy(NameT NameOf) {
  StringMap<const ManagedInfo *> Index;
  for (const ManagedInfo &I : kTable)
    if (StringRef Name = NameOf(I); !Name.empty())
      Index[Name] = &I;
  return Index;
}

/// An i32 module flag, or \p Default.
unsigned moduleFlag(const Module &M, StringRef Name, unsigned Default) {
  const auto *Flag = mdconst::dyn_extract_or_null<ConstantInt>(M.getModuleFlag(Name));
  return Flag ? unsigned(Flag->getZExtValue()) : Default;
}

} // namespace

unsigned cairn::referenceSpace(const Module &M) {
  return moduleFlag(M, kSpaceFlag, kReferenceSpace);
}

bool cairn::mayBeImmediates(const Module &M) { return moduleFlag(M, kImmediatesFlag, 0); }

bool cairn::hasCounts(const Module &M) { return moduleFlag(M, kCountsInserted, 0); }

bool References::is(const Type *T) const {
  return T->isPointerTy() && T->getPointerAddressSpace() == Space;
}

bool References::is(const Value *V) const { return is(V->getType()); }

bool References::in(Type *T) const {
  if (auto *Pointer = dyn_cast<PointerType>(T))
    return Pointer->getAddressSpace() == Space;
  // Of a vector, an array, a struct, a function or a target's own type.
  return any_of(T->subtypes(), [&](Type *Part) { return in(Part); });
}

bool References::in(const Function &F) const {
  if (in(F.getFunctionType()))
    return true;
  for (const Instruction &I : instructions(F)) {
    if (in(I.getType()) ||
        any_of(I.operands(), [&](const Use &U) { return U && in(U->getType()); }))
      return true;
    if (auto *Slot = dyn_cast<AllocaInst>(&I); Slot && in(Slot->getAllocatedType()))
      return true;
  }
  return false;
}

ArrayRef<ManagedInfo> cairn::managedIntrinsics() { return kTable; }

const ManagedInfo &cairn::managedIntrinsic(ManagedID ID) { return kTable[unsigned(ID)]; }

const ManagedInfo *cairn::findManaged(StringRef Name) {
  if (!Name.starts_with("cairn.ref."))
    return nullptr;
  static const auto Index = indexBy([](const ManagedInfo &I) { return I.Name; });
  return Index.lookup(Name);
}

const ManagedInfo *cairn::findManagedCAlias(StringRef Name) {
  if (!Name.starts_with("cairn_ref_"))
    return nullptr;
  static const auto Index = indexBy([](const ManagedInfo &I) { return I.CName; });
  return Index.lookup(Name);
}

const ManagedInfo *cairn::calledManaged(const CallBase &Call) {
  const Function *Callee = Call.getCalledFunction();
  return Callee && Callee->isDeclaration() ? findManaged(Callee->getName()) : nullptr;
}

const IntrinsicInfo *cairn::calledPlainForm(const CallBase &Call) {
  if (const ManagedInfo *I = calledManaged(Call))
    return I->Plain ? &intrinsic(*I->Plain) : nullptr;
  return calledIntrinsic(Call);
}

const ManagedInfo &cairn::managedFormOf(IntrinsicID Plain) {
  const ManagedInfo *Found =
      find_if(kTable, [&](const ManagedInfo &I) { return I.Plain && *I.Plain == Plain; });
  assert(Found != std::end(kTable) && "a managed intrinsic has this plain form");
  return *Found;
}

bool cairn::isManaged(const Value *V, ManagedID ID) {
  const auto *Call = dyn_cast<CallBase>(V);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  return Callee && Callee->isDeclaration() && Callee->getName() == managedIntrinsic(ID).Name;
}

bool cairn::isCalled(const Module &M, ManagedID ID) {
  const Function *F = M.getFunction(managedIntrinsic(ID).Name);
  return F && !F->use_empty();
}

static uint32_t cellWordOfParameter(const Function &F, unsigned Param) {
  uint32_t Word = 0;
  const Attribute Its = F.getAttributes().getParamAttr(Param, kCellParameter);
  return Its.isStringAttribute() && !Its.getValueAsString().getAsInteger(10, Word) ? Word : 0;
}

bool cairn::isOwnCell(const Value *V) {
  return isManaged(V, ManagedID::RefOwnCell) || isManaged(V, ManagedID::RefOwnCellOn);
}

bool cairn::isOwnTaggedCell(const Value *V) {
  return isManaged(V, ManagedID::RefOwnTaggedCell) || isManaged(V, ManagedID::RefOwnTaggedCellOn);
}

Value *cairn::heapOfCell(const Value &Cell) {
  const bool Says =
      isManaged(&Cell, ManagedID::RefOwnCellOn) || isManaged(&Cell, ManagedID::RefOwnTaggedCellOn);
  return Says ? cast<CallBase>(Cell).getArgOperand(2) : nullptr;
}

bool cairn::isCell(const Value *V) {
  if (auto *A = dyn_cast_or_null<Argument>(V))
    return cellWordOfParameter(*A->getParent(), A->getArgNo());
  return V && (isOwnCell(V) || isOwnTaggedCell(V) || isManaged(V, ManagedID::RefTakeCell));
}

uint32_t cairn::cellWord(const Value &Cell) {
  if (auto *A = dyn_cast<Argument>(&Cell))
    return cellWordOfParameter(*A->getParent(), A->getArgNo());
  auto *Word =
      isCell(&Cell) ? dyn_cast<ConstantInt>(cast<CallBase>(Cell).getArgOperand(1)) : nullptr;
  return Word ? uint32_t(Word->getZExtValue()) : 0;
}

uint32_t cairn::cellWordOfArgument(const CallBase &Call, unsigned Arg) {
  const Function *F = Call.getCalledFunction();
  return F && Arg < F->arg_size() ? cellWordOfParameter(*F, Arg) : 0;
}

FunctionType *ManagedInfo::type(Module &M) const {
  return functionTypeOf(Types, M.getContext(), Type::getInt64Ty(M.getContext()), referenceSpace(M));
}

FunctionType *ManagedInfo::cType(Module &M) const {
  return functionTypeOf(Types, M.getContext(), M.getDataLayout().getIntPtrType(M.getContext()),
                        referenceSpace(M));
}

AttributeList ManagedInfo::attributes(Module &M) const {
  LLVMContext &C = M.getContext();
  if (!Plain) {
    // They change no memory. Adopting or releasing the same pointer twice is not one call.
    AttrBuilder Fn(C);
    for (auto Kind : {Attribute::NoUnwind, Attribute::WillReturn, Attribute::NoCallback,
                      Attribute::NoFree, Attribute::NoSync})
      Fn.addAttribute(Kind);
    Fn.addMemoryAttr(ID == ManagedID::Borrow ? MemoryEffects::none()
                                             : MemoryEffects::inaccessibleMemOnly());
    return AttributeList::get(C, AttributeSet::get(C, Fn), {}, {});
  }
  AttributeList List = intrinsic(*Plain).attributes(M);
  // A result that the caller borrows is not the only pointer to its object.
  if (Result == Ownership::Borrowed)
    List = List.removeRetAttribute(C, Attribute::NoAlias);
  // Until its release is inserted, a new object has none that would keep LLVM from removing it,
  // and its finaliser.
  if (allocates())
    List = List.removeFnAttribute(C, Attribute::AllocKind).removeFnAttribute(C, "alloc-family");
  // LLVM would make one count of those in two arms, by a select of their operands.
  if (ID == ManagedID::RefIncref || ID == ManagedID::RefDecref)
    List = List.addFnAttribute(C, Attribute::NoMerge);
  return List;
}

Function *ManagedInfo::declare(Module &M) const {
  Function *F = M.getFunction(Name);
  if (!F) {
    F = Function::Create(type(M), GlobalValue::ExternalLinkage, Name, M);
    F->setAttributes(attributes(M));
  }
  return F;
}

static Attribute resultAttribute(const AttributeList &List, StringRef Name) {
  return List.getAttributeAtIndex(AttributeList::ReturnIndex, Name);
}

static Ownership ownership(bool Reference, Attribute Owned, Attribute Borrowed, Ownership Default) {
  return !Reference           ? Ownership::None
         : Owned.isValid()    ? Ownership::Owned
         : Borrowed.isValid() ? Ownership::Borrowed
                              : Default;
}

Ownership cairn::parameterOwnership(const Function &F, unsigned Param, const References &R) {
  const AttributeList List = F.getAttributes();
  return ownership(R.in(F.getArg(Param)->getType()), List.getParamAttr(Param, kOwned),
                   List.getParamAttr(Param, kBorrowed), Ownership::Borrowed);
}

Ownership cairn::resultOwnership(const Function &F, const References &R) {
  const AttributeList List = F.getAttributes();
  return ownership(R.in(F.getReturnType()), resultAttribute(List, kOwned),
                   resultAttribute(List, kBorrowed), Ownership::Owned);
}

Ownership cairn::argumentOwnership(const CallBase &Call, unsigned Arg, const References &R) {
  if (const ManagedInfo *I = calledManaged(Call))
    return I->Params[Arg];
  const Function *F = Call.getCalledFunction();
  if (F && Arg < F->arg_size())
    return parameterOwnership(*F, Arg, R);
  return ownership(R.in(Call.getArgOperand(Arg)->getType()),
                   Call.getAttributes().getParamAttr(Arg, kOwned),
                   Call.getAttributes().getParamAttr(Arg, kBorrowed), Ownership::Borrowed);
}

Ownership cairn::resultOwnership(const CallBase &Call, const References &R) {
  if (const ManagedInfo *I = calledManaged(Call))
    return I->Result;
  if (const Function *F = Call.getCalledFunction())
    return resultOwnership(*F, R);
  return ownership(R.in(Call.getType()), resultAttribute(Call.getAttributes(), kOwned),
                   resultAttribute(Call.getAttributes(), kBorrowed), Ownership::Owned);
}

//===- MixedTypes.cpp - Types in links of counted modules -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "pipeline/MixedTypes.h"

#include "ir/Managed.h"
#include "ir/Marks.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DataLayout.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"

using namespace llvm;
using namespace cairn;

/// The strings among \p From that say who owns what.
static AttributeSet conventionIn(LLVMContext &C, AttributeSet From) {
  AttrBuilder Its(C);
  for (StringRef Name : {kOwned, kBorrowed})
    if (From.hasAttribute(Name))
      Its.addAttribute(Name);
  return AttributeSet::get(C, Its);
}

/// Writes what \p F says of who owns what to \p Call, which calls it, where the call says nothing.
static void sayConvention(CallBase &Call, const Function &F) {
  LLVMContext &C = Call.getContext();
  const AttributeList Its = F.getAttributes();
  AttributeList List = Call.getAttributes();
  const unsigned Params = std::min<unsigned>(F.arg_size(), Call.arg_size());
  for (unsigned At = AttributeList::ReturnIndex; At != AttributeList::FirstArgIndex + Params; ++At)
    if (!conventionIn(C, List.getAttributes(At)).hasAttributes())
      for (Attribute Says : conventionIn(C, Its.getAttributes(At)))
        List = List.addAttributeAtIndex(C, At, Says);
  Call.setAttributes(List);
}

static void recordVariables(Module &M) {
  const References R(M);
  LLVMContext &C = M.getContext();
  for (GlobalVariable &V : M.globals())
    if (!V.hasLocalLinkage() && !V.getName().starts_with("llvm.") && R.in(V.getValueType()))
      M.getOrInsertNamedMetadata(kVariables)
          ->addOperand(
              MDNode::get(C, {ConstantAsMetadata::get(&V),
                              ConstantAsMetadata::get(PoisonValue::get(V.getValueType()))}));
}

void cairn::recordTypes(Module &M, ArrayRef<Function *> Functions) {
  for (Function *F : Functions)
    for (Instruction &I : instructions(*F))
      if (auto *Call = dyn_cast<CallBase>(&I))
        if (const Function *Callee = Call->getCalledFunction(); Callee && !calledManaged(*Call))
          sayConvention(*Call, *Callee);
  recordVariables(M);
}

/// Whether a reference is at \p Offset in a \p T. An array of no elements has as many as are asked
/// for.
static bool isReferenceAt(Type *T, uint64_t Offset, const References &R, const DataLayout &DL) {
  for (;;) {
    if (auto *Struct = dyn_cast<StructType>(T)) {
      if (!Struct->isSized() || Offset >= DL.getTypeAllocSize(Struct).getFixedValue())
        return false;
      const StructLayout &Layout = *DL.getStructLayout(Struct);
      const unsigned Part = Layout.getElementContainingOffset(Offset);
      Offset -= Layout.getElementOffset(Part).getFixedValue();
      T = Struct->getElementType(Part);
    } else if (isa<ArrayType, FixedVectorType>(T)) {
      const bool IsArray = T->isArrayTy();
      const uint64_t Count =
          IsArray ? T->getArrayNumElements() : cast<FixedVectorType>(T)->getNumElements();
      T = T->getContainedType(0);
      const uint64_t Size = DL.getTypeAllocSize(T).getFixedValue();
      if (Size == 0 || (Count != 0 && Offset / Size >= Count))
        return false;
      Offset %= Size;
    } else {
      return R.is(T) && Offset == 0;
    }
  }
}

/// \p Plain, which is at \p At in a variable, with references where \p As has them; or null, where
/// elements of an array differ.
static Type *withReferences(Type *Plain, uint64_t At, Type *As, const References &R,
                            const DataLayout &DL) {
  if (Plain->isPointerTy())
    return Plain->getPointerAddressSpace() == 0 && isReferenceAt(As, At, R, DL)
               ? PointerType::get(Plain->getContext(), R.space())
               : Plain;
  if (auto *Struct = dyn_cast<StructType>(Plain); Struct && Struct->isSized()) {
    SmallVector<Type *, 8> Parts;
    for (unsigned I = 0; I != Struct->getNumElements(); ++I) {
      const uint64_t Offset = DL.getStructLayout(Struct)->getElementOffset(I).getFixedValue();
      Parts.push_back(withReferences(Struct->getElementType(I), At + Offset, As, R, DL));
      if (!Parts.back())
        return nullptr;
    }
    return Parts == Struct->elements()
               ? Plain
               : StructType::get(Plain->getContext(), Parts, Struct->isPacked());
  }
  if (!isa<ArrayType, FixedVectorType>(Plain))
    return Plain;
  const uint64_t Count = Plain->isArrayTy() ? Plain->getArrayNumElements()
                                            : cast<FixedVectorType>(Plain)->getNumElements();
  Type *Element = Plain->getContainedType(0), *New = nullptr;
  if (Count == 0 ||
      !(Element->isPointerTy() || Element->isAggregateType() || Element->isVectorTy()))
    return Plain;
  const uint64_t Size = DL.getTypeAllocSize(Element).getFixedValue();
  for (uint64_t I = 0; I != Count; ++I) {
    Type *Its = withReferences(Element, At + I * Size, As, R, DL);
    if (!Its || (New && Its != New))
      return nullptr;
    New = Its;
  }
  if (New == Element)
    return Plain;
  return Plain->isArrayTy() ? static_cast<Type *>(ArrayType::get(New, Count))
                            : FixedVectorType::get(New, unsigned(Count));
}

/// \p Plain as a \p T, which withReferences made of its type; or null.
static Constant *asType(Constant *Plain, Type *T) {
  if (Plain->getType() == T)
    return Plain;
  if (Plain->isNullValue())
    return Constant::getNullValue(T);
  if (isa<PoisonValue>(Plain))
    return PoisonValue::get(T);
  if (isa<UndefValue>(Plain))
    return UndefValue::get(T);
  if (T->isPointerTy())
    return ConstantExpr::getAddrSpaceCast(Plain, T);
  SmallVector<Constant *, 8> Parts;
  const unsigned Count = T->isStructTy()  ? T->getStructNumElements()
                         : T->isArrayTy() ? T->getArrayNumElements()
                                          : 0;
  for (unsigned I = 0; I != Count; ++I) {
    Constant *Part = Plain->getAggregateElement(I);
    Part =
        Part ? asType(Part, T->isStructTy() ? T->getStructElementType(I) : T->getArrayElementType())
             : nullptr;
    if (!Part)
      return nullptr;
    Parts.push_back(Part);
  }
  if (auto *Struct = dyn_cast<StructType>(T))
    return ConstantStruct::get(Struct, Parts);
  return T->isArrayTy() ? ConstantArray::get(cast<ArrayType>(T), Parts) : nullptr;
}

static void giveType(GlobalVariable &V, Type *T) {
  Constant *Value = V.hasInitializer() ? asType(V.getInitializer(), T) : nullptr;
  if (V.hasInitializer() && !Value)
    return;
  auto *New =
      new GlobalVariable(*V.getParent(), T, V.isConstant(), V.getLinkage(), Value, "", &V,
                         V.getThreadLocalMode(), V.getAddressSpace(), V.isExternallyInitialized());
  New->copyAttributesFrom(&V);
  New->copyMetadata(&V, 0);
  New->setComdat(V.getComdat());
  New->takeName(&V);
  V.replaceAllUsesWith(New);
  V.eraseFromParent();
}

void cairn::takeVariables(Module &M) {
  NamedMDNode *List = M.getNamedMetadata(kVariables);
  if (!List)
    return;
  const References R(M);
  SmallVector<std::pair<GlobalVariable *, Type *>> Found;
  for (const MDNode *Each : List->operands()) {
    if (Each->getNumOperands() != 2)
      continue;
    auto *V = mdconst::dyn_extract_or_null<GlobalVariable>(Each->getOperand(0));
    auto *Of = mdconst::dyn_extract_or_null<Constant>(Each->getOperand(1));
    if (!V || !Of || R.in(V->getValueType()) || !V->getValueType()->isSized() ||
        !Of->getType()->isSized() ||
        any_of(Found, [&](const auto &Other) { return Other.first == V; }))
      continue;
    Type *T = withReferences(V->getValueType(), 0, Of->getType(), R, M.getDataLayout());
    if (T && T != V->getValueType())
      Found.emplace_back(V, T);
  }
  List->eraseFromParent();
  for (auto [V, T] : Found)
    giveType(*V, T);
}

bool cairn::passSameWords(const Module &M, const FunctionType &A, const FunctionType &B) {
  const DataLayout &DL = M.getDataLayout();
  return A.isVarArg() == B.isVarArg() && A.getNumParams() == B.getNumParams() &&
         all_of(zip_equal(A.subtypes(), B.subtypes()), [&](const auto &Each) {
           Type *Its = std::get<0>(Each), *Others = std::get<1>(Each);
           return Its == Others || (Its->isSized() && Others->isSized() &&
                                    DL.getTypeSizeInBits(Its) == DL.getTypeSizeInBits(Others));
         });
}

/// Whether the attributes of \p D are those of \p Call.
static bool sayTheSame(const Function &D, const CallBase &Call) {
  const AttributeList Its = D.getAttributes(), Says = Call.getAttributes();
  for (unsigned At = 0; At != D.arg_size(); ++At)
    if (Its.getParamAttrs(At) != Says.getParamAttrs(At))
      return false;
  return Its.getRetAttrs() == Says.getRetAttrs();
}

/// A declaration of \p F for what \p Call says of it.
static Function *declarationFor(Function &F, const CallBase &Call) {
  auto *D = Function::Create(Call.getFunctionType(), GlobalValue::ExternalLinkage,
                             F.getAddressSpace(), F.getName() + ".references", F.getParent());
  D->setCallingConv(F.getCallingConv());
  LLVMContext &C = F.getContext();
  for (unsigned At = 0; At != D->arg_size(); ++At)
    D->addParamAttrs(At, AttrBuilder(C, Call.getAttributes().getParamAttrs(At)));
  for (Attribute Says : Call.getAttributes().getRetAttrs())
    D->addRetAttr(Says);
  if (F.doesNotThrow())
    D->setDoesNotThrow();
  if (F.doesNotReturn())
    D->setDoesNotReturn();
  return D;
}

CountedCallees::CountedCallees(Module &M) {
  const References R(M);
  for (Function &F : make_early_inc_range(M)) {
    if (F.isIntrinsic() || R.in(F.getFunctionType()))
      continue;
    SmallVector<Function *, 2> Its;
    for (Use &U : make_early_inc_range(F.uses())) {
      auto *Call = dyn_cast<CallBase>(U.getUser());
      if (!Call || !Call->isCallee(&U) || Call->getFunctionType() == F.getFunctionType() ||
          !R.in(Call->getFunctionType()) ||
          !passSameWords(M, *Call->getFunctionType(), *F.getFunctionType()))
        continue;
      if (Its.empty() && !F.hasFnAttribute(kCountsInserted) && R.in(F))
        break;
      sayConvention(*Call, F);
      Function **Same = find_if(Its, [&](const Function *D) {
        return D->getFunctionType() == Call->getFunctionType() && sayTheSame(*D, *Call);
      });
      U.set(Same != Its.end() ? *Same : Its.emplace_back(declarationFor(F, *Call)));
    }
    if (Its.empty())
      continue;
    for (Function *D : Its)
      Instead.emplace_back(D, &F);
    // Nothing inlines it, and then erases it, as long as it has counts and the caller has none.
    if (!F.isDeclaration())
      F.addFnAttr(kCountsInserted);
  }
}

CountedCallees::~CountedCallees() {
  for (auto [D, F] : Instead) {
    D->replaceAllUsesWith(F);
    D->eraseFromParent();
  }
}

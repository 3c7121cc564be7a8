//===- PlainTypes.cpp - Types and constants without references --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "expand/PlainTypes.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Operator.h"

using namespace llvm;
using namespace cairn;

Type *PlainTypes::remapType(Type *T) {
  if (auto *Pointer = dyn_cast<PointerType>(T))
    return Pointer->getAddressSpace() == Space ? PointerType::get(C, 0) : T;
  if (T->getNumContainedTypes() == 0)
    return T;
  if (Type *Have = Known.lookup(T))
    return Have;
  Type *New = make(T);
  Known[T] = New;
  return New;
}

Type *PlainTypes::make(Type *T) {
  if (auto *Struct = dyn_cast<StructType>(T))
    return makeStruct(*Struct);
  SmallVector<Type *, 8> Parts;
  for (Type *Part : T->subtypes())
    Parts.push_back(remapType(Part));
  if (ArrayRef<Type *>(Parts) == T->subtypes())
    return T;
  if (auto *Vector = dyn_cast<VectorType>(T))
    return VectorType::get(Parts[0], Vector->getElementCount());
  if (auto *Array = dyn_cast<ArrayType>(T))
    return ArrayType::get(Parts[0], Array->getNumElements());
  if (auto *Function = dyn_cast<FunctionType>(T))
    return FunctionType::get(Parts[0], ArrayRef(Parts).drop_front(), Function->isVarArg());
  auto *Target = cast<TargetExtType>(T);
  return TargetExtType::get(C, Target->getName(), Parts, Target->int_params());
}

Type *PlainTypes::makeStruct(StructType &Old) {
  SmallVector<Type *, 8> Parts;
  for (Type *Part : Old.elements())
    Parts.push_back(remapType(Part));
  if (ArrayRef<Type *>(Parts) == Old.elements())
    return &Old;
  if (Old.isLiteral())
    return StructType::get(C, Parts, Old.isPacked());
  if (!Old.hasName())
    return StructType::create(C, Parts, "", Old.isPacked());
  // The context's other modules may have made it already.
  const std::string Name = (Old.getName() + ".plain").str();
  StructType *Have = StructType::getTypeByName(C, Name);
  if (Have && Have->elements() == ArrayRef<Type *>(Parts) && Have->isPacked() == Old.isPacked())
    return Have;
  return StructType::create(C, Parts, Name, Old.isPacked());
}

AttributeList PlainTypes::remap(AttributeList List) {
  for (unsigned Index : List.indexes())
    for (unsigned K = Attribute::FirstTypeAttr; K <= Attribute::LastTypeAttr; ++K) {
      const auto Kind = Attribute::AttrKind(K);
      Type *T = List.getAttributeAtIndex(Index, Kind).isValid()
                    ? List.getAttributeAtIndex(Index, Kind).getValueAsType()
                    : nullptr;
      if (T && changes(T))
        List = List.replaceAttributeTypeAtIndex(C, Index, Kind, remapType(T));
    }
  return List;
}

bool PlainTypes::changes(AttributeList List) {
  for (const AttributeSet &Set : List)
    for (Attribute A : Set)
      if (A.isTypeAttribute() && A.getValueAsType() && changes(A.getValueAsType()))
        return true;
  return false;
}

bool ReferenceFinder::in(const Constant &C) {
  if (Types.changes(C.getType()) && isa<ConstantData, GlobalValue>(C))
    return true;
  if (isa<ConstantData, GlobalValue>(C))
    return false;
  if (auto Have = Known.find(&C); Have != Known.end())
    return Have->second;
  bool Found = Types.changes(C.getType());
  if (auto *GEP = dyn_cast<GEPOperator>(&C))
    Found |= Types.changes(GEP->getSourceElementType());
  for (const Use &U : C.operands())
    if (auto *Operand = dyn_cast<Constant>(U))
      Found |= in(*Operand);
  if (Found && isa<AddrSpaceCastOperator, GEPOperator>(C))
    Expressions.push_back(cast<ConstantExpr>(&C));
  Known[&C] = Found;
  return Found;
}

bool ReferenceFinder::in(const Instruction &I) {
  bool Found = Types.changes(I.getType());
  for (const Use &U : I.operands()) {
    Found |= Types.changes(U->getType());
    if (auto *Operand = dyn_cast<Constant>(U))
      Found |= in(*Operand);
  }
  if (auto *Call = dyn_cast<CallBase>(&I))
    return Found || Types.changes(Call->getFunctionType()) || Types.changes(Call->getAttributes());
  if (auto *Slot = dyn_cast<AllocaInst>(&I))
    return Found || Types.changes(Slot->getAllocatedType());
  if (auto *GEP = dyn_cast<GetElementPtrInst>(&I))
    return Found || Types.changes(GEP->getSourceElementType());
  return Found;
}

bool ReferenceFinder::in(const Function &F) {
  bool Found = Types.changes(F.getFunctionType()) || Types.changes(F.getAttributes());
  for (const Use &U : F.operands()) // personality, prefix, prologue
    Found |= in(*cast<Constant>(U));
  for (const Instruction &I : instructions(F))
    Found |= in(I);
  return Found;
}

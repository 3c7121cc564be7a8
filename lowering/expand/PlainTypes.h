//===- PlainTypes.h - Types and constants without references ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What cairn-plain asks of types and constants: whether they have a reference in them, and
// what they become. Answers are kept, so that each type and each constant is looked at once.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PLAINTYPES_H
#define CAIRN_LOWERING_PLAINTYPES_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Transforms/Utils/ValueMapper.h"

namespace llvm {
class AttributeList;
class ConstantExpr;
class StructType;
} // namespace llvm

namespace cairn {

/// From a type to the same with pointers in address space 0 in place of references. A named
/// struct becomes one with ".plain" after its name.
class PlainTypes final : public llvm::ValueMapTypeRemapper {
public:
  PlainTypes(llvm::LLVMContext &C, unsigned Space) : C(C), Space(Space) {}
  llvm::Type *remapType(llvm::Type *T) override;
  bool changes(llvm::Type *T) { return remapType(T) != T; }
  /// The same of the types in attributes: byval, sret, elementtype, ...
  llvm::AttributeList remap(llvm::AttributeList List);
  bool changes(llvm::AttributeList List);

private:
  llvm::Type *make(llvm::Type *T);
  llvm::Type *makeStruct(llvm::StructType &Old);

  llvm::LLVMContext &C;
  const unsigned Space;
  llvm::DenseMap<llvm::Type *, llvm::Type *> Known;
};

/// Finds what has references in it. Between two questions no constant may change.
class ReferenceFinder {
public:
  explicit ReferenceFinder(PlainTypes &Types) : Types(Types) {}
  /// In the type of \p C, or in an operand of it at any depth. Not in a global's value.
  bool in(const llvm::Constant &C);
  bool in(const llvm::Instruction &I);
  /// In the signature, the attributes, or an instruction of \p F. Looks at all of it.
  bool in(const llvm::Function &F);
  /// The casts between spaces and the GEPs that were found, each before those that use it.
  llvm::ArrayRef<const llvm::ConstantExpr *> expressions() const { return Expressions; }

private:
  PlainTypes &Types;
  llvm::DenseMap<const llvm::Constant *, bool> Known;
  llvm::SmallVector<const llvm::ConstantExpr *> Expressions;
};

} // namespace cairn

#endif // CAIRN_LOWERING_PLAINTYPES_H

//===- FieldWrites.h - What may overwrite a reference in memory --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reference that was loaded from a field needs no count of its own as long as the field
// holds it and its object lives. That ends where the field may be overwritten: at a store of a
// reference other than the first one into a fresh object, at an operation that changes a
// container or copies fields, at a call of a function that may do one of these, at a call of
// unknown code, and at what orders threads (an atomic access, a fence), for then another
// thread may have done it.
//
// A release is none of these. It may run a finaliser, which must not store references into
// objects that it did not make (docs/managed-references.md).
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_FIELDWRITES_H
#define CAIRN_LOWERING_FIELDWRITES_H

#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/IR/PassManager.h"

#include <array>

namespace llvm {
class Instruction;
class LoadInst;
class TargetLibraryInfo;
} // namespace llvm

namespace cairn {

/// What else objects hold, numbers and tags, may change in more ways: by any store but one into a
/// fresh object or a variable on the stack, and by a call that does that. A finaliser's stores do
/// not count, since nobody is promised when it runs.
///
/// Answers for a module whose references are scalars. New instructions make it stale.
class FieldWrites {
public:
  using LibraryGetter = llvm::function_ref<const llvm::TargetLibraryInfo &(llvm::Function &)>;
  FieldWrites(llvm::Module &M, const References &R, LibraryGetter LibraryOf);
  /// Of what is added: each function of the module, then the end.
  FieldWrites() = default;
  void add(llvm::Function &F, const References &R, LibraryGetter LibraryOf);
  void end();

  /// Whether \p I may overwrite a reference in memory.
  bool mayOverwrite(const llvm::Instruction &I) const { return Of[Fields].At.contains(&I); }
  /// Whether the field of \p Load is as it was read wherever control comes from it to \p At.
  bool staysUntil(const llvm::LoadInst &Load, const llvm::Instruction &At) const;
  bool any(const llvm::Function &F) const { return Of[Fields].In.contains(&F); }
  /// Whether \p I may change anything in an object that was not made in its function.
  bool mayChange(const llvm::Instruction &I) const {
    return mayOverwrite(I) || Of[Others].At.contains(&I);
  }
  bool anyChange(const llvm::Function &F) const { return any(F) || Of[Others].In.contains(&F); }

private:
  enum What { Fields, Others };
  struct Places {
    llvm::DenseSet<const llvm::Instruction *> At;
    llvm::DenseSet<const llvm::Function *> In;
    llvm::SmallVector<const llvm::Function *, 0> Work; ///< Whose callers are not marked yet.
  };
  void mark(const llvm::Instruction &I, What Kind);

  std::array<Places, 2> Of;
  /// Until the end.
  llvm::DenseMap<const llvm::Function *, llvm::SmallVector<const llvm::CallBase *>> Callers;
};

FieldWrites fieldWrites(llvm::Module &M, llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_FIELDWRITES_H

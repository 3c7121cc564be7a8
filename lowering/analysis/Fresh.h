//===- Fresh.h - Objects that only this function knows ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An object that a function allocates, and a variable on its stack, is fresh until its address
// escapes: is stored, passed to a call that may keep or change it, returned, compared as an
// integer, or merged with another by φ, select or freeze. Nobody else can have stored a field
// of it, shared it or counted it meanwhile.
//
// All questions are about one place, and about the object that the last execution of the
// allocation made. The answer is no where it would take a look at too many blocks, so that the
// whole analysis stays linear in the size of the function.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_FRESH_H
#define CAIRN_LOWERING_FRESH_H

#include "ir/Managed.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <memory>

namespace llvm {
class BasicBlock;
class Instruction;
class StoreInst;
} // namespace llvm

namespace cairn {

/// Answers for one function, and remembers what it saw of each object: the function must not
/// change between two questions, except that instructions that touch no fresh object may be
/// added.
class FreshObjects {
public:
  FreshObjects();
  ~FreshObjects();

  /// Whether \p Root is what an allocation here returned, or the address of a variable, and has
  /// not escaped when \p At begins. \p Root dominates \p At.
  bool isFresh(const llvm::Value *Root, const llvm::Instruction &At);
  /// Whether \p Store, into the object of \p Root, is the first that sets those bytes to
  /// anything but null: what was there is null, or was never set.
  bool isFirst(const llvm::Value *Root, const llvm::StoreInst &Store);

private:
  struct Event;
  struct Object;

  const Object &object(const llvm::Value *Root);

  llvm::DenseMap<const llvm::Value *, std::unique_ptr<Object>> Objects;
};

/// Whether \p V is a call that allocates a managed object whose references are null.
bool isManagedAllocation(const llvm::Value *V);

} // namespace cairn

#endif // CAIRN_LOWERING_FRESH_H

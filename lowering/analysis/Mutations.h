//===- Mutations.h - Which objects a module may change ------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two objects with equal contents are one for a program that neither changes them nor compares
// their addresses. This says whether a whole module does either, by what its stores may hit: a
// store of a reference hits objects that have a field at that offset, another store those that
// have none there. A store into an object that no one else knows yet (analysis/Fresh.h) is no
// change. Where references come to code that is not seen, or become plain pointers, everything
// may be changed.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_MUTATIONS_H
#define CAIRN_LOWERING_MUTATIONS_H

#include "ir/Descriptor.h"
#include "ir/Managed.h"

namespace llvm {
class StoreInst;
class CallBase;
class DataLayout;
class Function;
class Instruction;
class Module;
} // namespace llvm

namespace cairn {

/// Answers for a module in which references are counted nowhere yet. Assumes that every store
/// of a reference into an object goes to a field of its type. New stores make it stale.
class Mutations {
public:
  Mutations(const llvm::Module &M, const References &R);

  /// Why objects of type \p D may be changed, or told apart by their address; null: neither.
  const char *reason(const Descriptor &D) const;

private:
  struct Written {
    std::optional<uint64_t> Offset;
    uint64_t Size;
    bool Reference;
  };

  void look(llvm::Function &F);
  void lookAt(llvm::Instruction &I);
  void lookAtCall(llvm::CallBase &Call);
  void add(llvm::StoreInst &Store);

  const References &R;
  const llvm::DataLayout &DL;
  llvm::SmallVector<Written> Stores;
  const char *Any = nullptr; ///< Why everything may be changed.
};

} // namespace cairn

#endif // CAIRN_LOWERING_MUTATIONS_H

//===- proofs.h - What shows that a mutation is harmless --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TEST_PROOFS_H
#define CAIRN_TEST_PROOFS_H

#include "llvm/ADT/StringRef.h"

#include <memory>
#include <string>

namespace llvm {
class CallInst;
class Function;
class Instruction;
class LoadInst;
class StoreInst;
class Value;
} // namespace llvm

/// Whether the counts are a frontend's own, of plain pointers. Set once, by `main`.
inline bool PlainCounts = false;

inline llvm::StringRef incref() { return PlainCounts ? "cairn.incref" : "cairn.ref.incref"; }
inline llvm::StringRef decref() { return PlainCounts ? "cairn.decref" : "cairn.ref.decref"; }

/// The count that \p I is, or null.
llvm::CallInst *countAt(llvm::Instruction &I);

/// The reference that \p V is computed from.
const llvm::Value *rootOf(const llvm::Value *V);

/// What \p V, if it is loaded, was loaded or stored as before at the same address, with nothing in
/// between that may write there; else \p V. A release does not write to a field.
const llvm::Value *contentOf(const llvm::Value *V);

/// What LLVM's alias analysis knows of a function's memory, as it is when this is made.
class MemoryProofs {
public:
  explicit MemoryProofs(llvm::Function &F);
  ~MemoryProofs();

  /// Whether null is what \p Load reads, whichever path led there: in a new object, or in memory
  /// that null was stored to last. (A release writes to nothing that is alive: a finaliser may
  /// store references into new objects only.)
  bool readsNull(const llvm::LoadInst &Load) const;
  /// Whether nobody reads a variable behind \p Store, which stores to it, before its frame ends.
  bool isUnread(llvm::StoreInst &Store) const;

private:
  struct Analyses;
  std::unique_ptr<Analyses> A;
};

/// Why nothing happens if \p Store leaves in a slot what it held, \p Other, whose unit it takes
/// out; empty if something may.
std::string staysInEndingFrame(llvm::StoreInst &Store, const llvm::Value *Other,
                               const MemoryProofs &Proofs);

#endif // CAIRN_TEST_PROOFS_H

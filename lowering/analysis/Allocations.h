//===- Allocations.h - What a value says of the allocation it comes from --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Questions that several passes ask of a pointer: which object is it, which call allocated
// that, and what is known of its slot. A pass asks them here, so that all passes see through
// the same casts.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_ALLOCATIONS_H
#define CAIRN_LOWERING_ALLOCATIONS_H

#include <cstdint>
#include <optional>
#include <string>

namespace llvm {
class CallInst;
class Value;
} // namespace llvm

namespace cairn {

struct IntrinsicInfo;

/// The value that stands for the object which \p Reference refers to: two references to one
/// object have the same, if that can be seen. Never null.
const llvm::Value *objectOf(const llvm::Value *Reference);

/// What a remark calls \p Object: its name, if the frontend gives values any.
std::string nameInRemarks(const llvm::Value &Object);

/// A call of an intrinsic that allocates, plain or managed.
struct Allocation {
  const llvm::CallInst *Call = nullptr;
  const IntrinsicInfo *I = nullptr; ///< The plain form.

  explicit operator bool() const { return Call; }

  /// The bin that the allocation takes from, if it takes a slot of a size that is known:
  /// not of an array, of a large block or of a type that is read at run time.
  std::optional<unsigned> bin() const;
  /// Whether a drop of it is known to be only a free: no managed field and no finaliser.
  bool isLeaf() const;
};

/// The call that allocated the object, or nothing if that cannot be seen.
Allocation allocationOf(const llvm::Value *Reference);

} // namespace cairn

#endif // CAIRN_LOWERING_ALLOCATIONS_H

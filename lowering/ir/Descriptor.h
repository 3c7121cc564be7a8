//===- Descriptor.h - Reading a type descriptor that is a constant --*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A descriptor is a `cairn_type` (runtime/include/cairn.h). By its documented rule
// nothing but `meta` changes after it is built, so the initialiser of a global that
// no other module can replace says what it is, constant or not. What was read also
// travels with the call as the attribute "cairn-type": ThinLTO may bring the call to
// a module that sees only the descriptor's declaration.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_DESCRIPTOR_H
#define CAIRN_LOWERING_DESCRIPTOR_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace llvm {
class CallBase;
class DataLayout;
class GlobalVariable;
class Value;
} // namespace llvm

namespace cairn {

struct Descriptor {
  uint32_t Size = 0;
  uint32_t Align = 1;
  uint32_t Meta = 0; ///< A plain object's header word; 0: known at run time only.
  bool HasFinalizer = false;
  llvm::SmallVector<uint32_t, 8> Fields; ///< Offsets, ascending.

  /// No managed field and no finaliser: a drop is only a free.
  bool isLeaf() const { return Fields.empty() && !HasFinalizer; }
  bool isField(uint64_t Offset) const;
  /// Bytes of an object's slot, header included.
  uint64_t slotBytes() const;

  std::string encode() const;
  static std::optional<Descriptor> decode(llvm::StringRef Text);
};

/// What could be read: a descriptor, or nothing as it is not a constant, or why
/// it is malformed.
struct DescriptorRead {
  std::optional<Descriptor> Known;
  std::string Malformed;
};

DescriptorRead readDescriptor(const llvm::Value *Type, const llvm::DataLayout &DL);

/// The descriptor of a typed allocation, from its operand or the call's attribute.
DescriptorRead descriptorOf(const llvm::CallBase &Call);

/// Answers as descriptorOf, for many calls: each descriptor is read once. Valid while no descriptor
/// changes or goes.
class Descriptors {
public:
  DescriptorRead of(const llvm::CallBase &Call);

private:
  llvm::DenseMap<const llvm::GlobalVariable *, DescriptorRead> Read;
};

/// The name of the call-site attribute.
inline constexpr llvm::StringLiteral kTypeAttribute = "cairn-type";

} // namespace cairn

#endif // CAIRN_LOWERING_DESCRIPTOR_H

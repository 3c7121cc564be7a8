//===- Tags.h - What tests say of an object's tag ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A frontend tells the constructors of a type apart by tags, and tests the tag before it looks
// at an object's fields. Where such a test lies on all ways to a place, the tag is known there,
// as long as nobody gives the object another one.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_TAGS_H
#define CAIRN_LOWERING_TAGS_H

#include <cstdint>
#include <optional>

namespace llvm {
class DominatorTree;
class Instruction;
class Value;
} // namespace llvm

namespace cairn {

/// The tag of \p Object at \p At, if a test of it dominates that place.
std::optional<uint8_t> knownTag(const llvm::Value *Object, const llvm::Instruction &At,
                                const llvm::DominatorTree &DT);

} // namespace cairn

#endif // CAIRN_LOWERING_TAGS_H

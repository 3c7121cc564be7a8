//===- OwnTypes.h - Modules whose objects are all their own -----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module is closed if no reference in it comes from elsewhere: no function with references in its
// signature is seen or called outside, none is made of a plain pointer, none is loaded from memory
// that others write. Then each object that it asks for its tag was made by one of its allocations.
// If these are all of plain types, every header word has a tag; and if the objects with some tag
// are all of one type, the tag tells the whole word.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_OWN_TYPES_H
#define CAIRN_LOWERING_OWN_TYPES_H

#include <array>
#include <cstdint>
#include <optional>

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

class OwnTypes {
public:
  /// Of a module in which references are counted nowhere yet; nothing if it is not closed, makes
  /// other objects than those of plain types, or asks for no tag.
  static std::optional<OwnTypes> of(const llvm::Module &M);

  /// The header word, without the tag, of all objects with \p Tag; 0 if there are several, or none.
  uint32_t wordOf(uint8_t Tag) const { return Words[Tag] == kSeveral ? 0 : Words[Tag]; }

private:
  static constexpr uint32_t kSeveral = 1; // no header word
  std::array<uint32_t, 256> Words{};
};

} // namespace cairn

#endif // CAIRN_LOWERING_OWN_TYPES_H

//===- NullFields.h - Managed fields start as null --------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An allocation promises null in the managed fields; its expansion writes only the
// header. The stores are made here, while the allocation still carries its attributes,
// but for those that the program's own stores make useless.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_NULLFIELDS_H
#define CAIRN_LOWERING_NULLFIELDS_H

#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class CallInst;
} // namespace llvm

namespace cairn {

enum class NullStores {
  None,    ///< The program writes every field first.
  Needed,  ///< Stores were added; nothing else writes these fields.
  Perhaps, ///< Stores were added, and later ones may make some of them dead.
};

/// Stores null into the fields of a new object at \p Fields, ascending; where the result
/// may be null only after a test (\p Try), which splits the block. Only if \p Optimise
/// are some left out.
NullStores storeNulls(llvm::CallInst &Alloc, llvm::ArrayRef<uint32_t> Fields, bool Try,
                      bool Optimise);

} // namespace cairn

#endif // CAIRN_LOWERING_NULLFIELDS_H

//===- Effects.h - Forgetting what was inferred from the intrinsics --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Before lowering, headers are memory that the program never addresses, and LLVM writes
// on functions what follows from that: no visible memory is touched, an argument is not
// read. Once header loads and stores are in the IR, it is no longer so.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_EFFECTS_H
#define CAIRN_LOWERING_EFFECTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace llvm {
class Function;
class Module;
} // namespace llvm

namespace cairn {

/// Of what something is said that is not so.
enum class EffectsOf {
  Headers,  ///< They become memory that the program reads and writes.
  Releases, ///< There are counts now: objects are freed as well, by whoever owns them last.
};

/// Removes what is said about memory on the \p Lowered functions, all that call them, and
/// declarations that may stand for such functions in other modules. With Releases, what is
/// said about freeing, and about references, goes as well. \p IsLibrary tells functions that
/// LLVM knows by name.
void forgetEffects(llvm::Module &M, llvm::ArrayRef<llvm::Function *> Lowered, EffectsOf What,
                   llvm::function_ref<bool(const llvm::Function &)> IsLibrary);

} // namespace cairn

#endif // CAIRN_LOWERING_EFFECTS_H

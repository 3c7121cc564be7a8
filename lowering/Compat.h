//===- Compat.h - What differs between LLVM versions ----------*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every `#if` on LLVM's version is in this header. It may include LLVM headers, and
// nothing of Cairn's. Invariant: the rest of lowering/ compiles unchanged against
// each LLVM that this header admits.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_COMPAT_H
#define CAIRN_LOWERING_COMPAT_H

#include "llvm/Config/llvm-config.h"
#include "llvm/IR/Module.h"

#if LLVM_VERSION_MAJOR < 22
#error "Cairn's lowering is built for LLVM 22 and later"
#endif

#include "llvm/Plugins/PassPlugin.h"
#include "llvm/TargetParser/Triple.h"

namespace cairn {

/// The module's triple as a Triple. Before LLVM 21 it was a string.
inline const llvm::Triple &tripleOf(const llvm::Module &M) { return M.getTargetTriple(); }

} // namespace cairn

#endif // CAIRN_LOWERING_COMPAT_H

//===- arguments.h - Reading the command lines ---------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TOOLS_DRIVER_ARGUMENTS_H
#define CAIRN_TOOLS_DRIVER_ARGUMENTS_H

#include "driver.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Allocator.h"

namespace cairn {

/// One of Cairn's own options, which begin with "--".
struct OwnOption {
  const char *name; ///< Without the "--".
  enum Value { None, Optional, Required } value;
  /// Takes the value. False after a message.
  llvm::function_ref<bool(llvm::StringRef value)> take;
  /// The command that has the option, if it is not the one at hand: no `take` then, but a message.
  const char *command = nullptr;
};

/// Puts the contents of @FILE in its place. False after a message.
bool expandFiles(llvm::SmallVectorImpl<const char *> &arguments, llvm::BumpPtrAllocator &memory);

/// Splits a command line. Whatever is neither in \p own nor -o is clang's. False after a
/// message.
bool readArguments(llvm::ArrayRef<const char *> arguments, llvm::ArrayRef<OwnOption> own,
                   ClangOptions &options);

/// --heap=thread or static. False after a message.
bool readHeap(llvm::StringRef value, HeapBinding &heap);

} // namespace cairn

#endif // CAIRN_TOOLS_DRIVER_ARGUMENTS_H

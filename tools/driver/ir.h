//===- ir.h - Reading a module from a file -------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TOOLS_IR_H
#define CAIRN_TOOLS_IR_H

#include "llvm/ADT/StringRef.h"
#include <memory>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace cairn {

/// Reads text or bitcode, and verifies it. Null after messages, with file and line
/// where there is one.
std::unique_ptr<llvm::Module> readModule(llvm::StringRef path, llvm::LLVMContext &context);

} // namespace cairn

#endif // CAIRN_TOOLS_IR_H

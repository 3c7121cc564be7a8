//===- ir.h - Reading and checking IR files ------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TOOLS_IR_H
#define CAIRN_TOOLS_IR_H

#include "llvm/ADT/StringRef.h"
#include <memory>
#include <string>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace cairn {

/// Reads text or bitcode, verifies it, and checks how it uses the intrinsics. Null
/// after messages, with file and line where there is one.
std::unique_ptr<llvm::Module> readModule(llvm::StringRef path, llvm::LLVMContext &context);

/// Runs a pipeline on the module. False after messages.
bool runPasses(llvm::Module &module, llvm::StringRef path, llvm::StringRef pipeline);

} // namespace cairn

#endif // CAIRN_TOOLS_IR_H

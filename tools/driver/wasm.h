//===- wasm.h - cairn build for WebAssembly ------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TOOLS_DRIVER_WASM_H
#define CAIRN_TOOLS_DRIVER_WASM_H

#include "driver.h"
#include "llvm/TargetParser/Triple.h"

namespace cairn {

/// Where clang is to find the target's C headers.
std::vector<std::string> wasmFlags(const Places &places, const llvm::Triple &target);

/// Compiles the inputs with \p compile, a command of clang's without inputs and output,
/// and links them to the module that is the output. Returns 0 or 1.
int linkWasm(const Places &places, const BuildOptions &options, const llvm::Triple &target,
             const std::vector<std::string> &compile, llvm::StringRef temporary);

} // namespace cairn

#endif // CAIRN_TOOLS_DRIVER_WASM_H

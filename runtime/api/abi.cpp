//===- abi.cpp - The symbol of the library's ABI version --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing reads it. Objects refer to it so that they do not link with a library of
// another version (cairn/abi_version.h).
//
//===----------------------------------------------------------------------===//

#include "cairn/abi_version.h"

extern "C" __attribute__((visibility("default"))) const char CAIRN_ABI_SYMBOL;
const char CAIRN_ABI_SYMBOL = CAIRN_ABI_VERSION;

//===- LLVMVersion.cpp - The symbol of the LLVM that these libraries are for --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing reads it. What includes Cairn's headers refers to it, so that it does not link with
// libraries for another LLVM (cairn/llvm_version.h).
//
//===----------------------------------------------------------------------===//
#include "cairn/llvm_version.h"

const char CAIRN_LLVM_SYMBOL = LLVM_VERSION_MAJOR;

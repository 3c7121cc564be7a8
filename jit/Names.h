//===- Names.h - What JIT code is called, for the heap profile -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_JIT_NAMES_H
#define CAIRN_JIT_NAMES_H

#include "cairn/host.h"
#include "llvm/Object/ObjectFile.h"

namespace cairn::jit::names {

/// A cairn_host_namer for the functions of all units.
bool find(const void *Address, cairn_host_name *Name);
/// Whether an object has debug information that says lines.
bool hasLines(const llvm::object::ObjectFile &Object);

} // namespace cairn::jit::names

#endif // CAIRN_JIT_NAMES_H

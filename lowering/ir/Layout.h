//===- Layout.h - What of a module's header matters -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_LAYOUT_H
#define CAIRN_LOWERING_LAYOUT_H

#include <string>

namespace llvm {
class DataLayout;
class Triple;
} // namespace llvm

namespace cairn {

/// Whether a module with this triple leaves the machine open: "unknown-unknown-unknown", or
/// nothing.
bool namesNoMachine(const llvm::Triple &T);

/// In what the layouts differ of what the fast paths, the runtime's records and the calls of
/// its functions rest on; empty if in nothing. Some frontends write layouts that lack what
/// LLVM added later (the alignment of 128-bit integers), or lists of native integers.
std::string layoutDisagreement(const llvm::DataLayout &Ours, const llvm::DataLayout &Theirs);

} // namespace cairn

#endif // CAIRN_LOWERING_LAYOUT_H

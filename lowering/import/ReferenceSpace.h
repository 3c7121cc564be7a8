//===- ReferenceSpace.h - Whether the space of references is free --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A module flag may put managed references into another address space than 77. A space that
// the target gives a meaning to cannot be it: its pointers would become plain ones.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_REFERENCESPACE_H
#define CAIRN_LOWERING_REFERENCESPACE_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

class Reports;

/// Reports a module flag that is no number of a space, or of one that is not free. The flag for
/// immediates is looked at too.
void checkReferenceSpace(llvm::Module &M, Reports &R);

} // namespace cairn

#endif // CAIRN_LOWERING_REFERENCESPACE_H

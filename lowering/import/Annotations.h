//===- Annotations.h - What cairn/managed.h leaves in a module --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In C, cairn_owned(2) on a function is an annotation of it: an entry of
// llvm.global.annotations with the text "cairn-owned:2". In IR that is a string attribute of a
// parameter or the result (ir/Managed.h). And the header has a variable that needs a symbol
// which nobody defines, so that a module which the passes did not see does not link.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_ANNOTATIONS_H
#define CAIRN_LOWERING_ANNOTATIONS_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

class Reports;

/// Makes string attributes of the annotations, deletes those, and deletes the marker. Returns
/// whether anything was changed.
bool importAnnotations(llvm::Module &M, Reports &R);

/// Gives the module a marker of that kind, until importAnnotations() sees it again.
void addMarker(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_ANNOTATIONS_H

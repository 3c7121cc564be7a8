//===- ExactTags.h - Cells whose tag is known -------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// own.cell leaves the tag out of its comparison, and reuse.cell writes the header word. Where
// the tag is known, the whole word is compared, which is shorter, and where the new object has
// the same word it is not written. The tag is known where a branch or a switch has tested it,
// and where the module makes no object of the shape with another tag and nothing reads it; an
// object of another module that has another tag is copied then.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_EXACTTAGS_H
#define CAIRN_LOWERING_EXACTTAGS_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// Of a module with all counts. True: it changed something.
bool compareTags(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_EXACTTAGS_H

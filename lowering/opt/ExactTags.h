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

class OwnTypes;

/// Of a module with all counts. True: it changed something.
bool compareTags(llvm::Module &M);

/// The same in a closed module, whose types are \p Types: there every object has a tag, and where
/// the tag that was tested tells the type, the count alone says whether a reference is the last.
void useOwnTypes(llvm::Module &M, const OwnTypes &Types);

} // namespace cairn

#endif // CAIRN_LOWERING_EXACTTAGS_H

//===- TagTests.h - Comparisons of tags with constants ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The tag of an object is a byte of its header word, or 0 if the word says that the object has
// none. To compute it takes four instructions. To compare it with a constant takes two, since the
// order of tags is that of the words in the bits that matter: bytes come first, whose bit is not
// set, and count as tag 0. Where the object is known to have a tag, it is the byte.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_TAG_TESTS_H
#define CAIRN_LOWERING_TAG_TESTS_H

namespace llvm {
class CallInst;
} // namespace llvm

namespace cairn {

/// Lets the users of \p Tag, a call of cairn.tag, that compare it with constants compare the header
/// word. Removes the call if it has no others, or if the byte takes its place. Whether anything changed, blocks included.
bool compareWords(llvm::CallInst &Tag);

} // namespace cairn

#endif // CAIRN_LOWERING_TAG_TESTS_H

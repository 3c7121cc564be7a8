//===- PassedWords.h - Structures that are passed as integers ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For some targets, aarch64 among them, a frontend passes and returns a structure of two words by
// value as an array of two integers, and one of one word as an integer: that says in which
// registers it goes, and not what is in it. The variables that the words come from and go to say
// where the references are. From here on the words have the types of what they hold, and go in the
// same registers.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PASSED_WORDS_H
#define CAIRN_LOWERING_PASSED_WORDS_H

namespace llvm {
class Module;
} // namespace llvm

namespace cairn {

/// Gives each parameter, result and argument that is such a word or array, and whose memory has a
/// type with references, the type of its words. What is left as it was holds no reference, or
/// nothing says which of its words do; that is refused where the variable is accessed. It has to
/// run before anything that forgets the types of variables.
bool typePassedWords(llvm::Module &M);

} // namespace cairn

#endif // CAIRN_LOWERING_PASSED_WORDS_H

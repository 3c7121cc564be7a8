//===- Conventions.h - Who owns what, in a function's name ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A caller and a callee in two modules have to agree on what the call owns. Where that is the
// default (parameters borrowed, results owned), a function keeps its name. Another convention
// becomes part of the name, as parameter types are of C++ names, so that a linker finds no
// function for a caller that believes something else:
//
//   undefined symbol: push(cairn_takes_2)
//
// docs/decisions/0027-conventions-at-links.md says why.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_PIPELINE_CONVENTIONS_H
#define CAIRN_LOWERING_PIPELINE_CONVENTIONS_H

#include "llvm/ADT/StringRef.h"

#include <string>
#include <utility>

namespace llvm {
class Function;
class Module;
} // namespace llvm

namespace cairn {

class References;

/// What \p F does beside the default: "takes_1_3", "lends" or "takes_2_lends". Parameters count
/// from 1, without an sret. Empty for the default.
std::string conventionOf(const llvm::Function &F, const References &R);

/// The name of a function that has a convention: `push` becomes _Z4push13cairn_takes_2, which
/// demanglers print as push(cairn_takes_2), and a name that is mangled already gets the end
/// .cairn_takes_2.
std::string nameWithConvention(llvm::StringRef Name, llvm::StringRef Convention);

/// The name and the convention that \p Symbol was made of; one without a convention is the name.
std::pair<llvm::StringRef, llvm::StringRef> splitConvention(llvm::StringRef Symbol);

/// "takes over the count of parameters 1 and 3": what a convention is, for people.
std::string conventionInWords(llvm::StringRef Convention);

/// Renames every function of \p M that other modules can see and that has another convention
/// than the default. Functions with the attribute "cairn-foreign", which code without managed
/// references defines, keep their names. Reports an error where the address of a function with
/// another convention is taken: calls through pointers have the default. \p Failed is set
/// then. Returns whether anything was changed.
bool nameConventions(llvm::Module &M, bool &Failed);

} // namespace cairn

#endif // CAIRN_LOWERING_PIPELINE_CONVENTIONS_H

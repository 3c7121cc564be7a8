//===- certify.h - Showing that counts are balanced -----------*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The certifier for callers in C++. It reads IR in which counts are explicit, and changes
// nothing: managed references after cairn-insert, or plain pointers that a frontend counts by
// itself. On every path through a function it adds up the units of each object: a unit is a
// count that the function has to give back, move on or store. docs/decisions/0030-certifier.md
// says what it decides and what it does not.
//
// Any number of threads may certify functions at once, if no thread changes the modules they
// belong to.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_CERTIFY_H
#define CAIRN_CERTIFY_H

#include "cairn/llvm_version.h"

#include <string>
#include <vector>

namespace llvm {
class BasicBlock;
class Function;
class Instruction;
class Module;
class Value;
} // namespace llvm

namespace cairn {

struct CertifyOptions {
  /// False: references are the pointers in the space of references. True: they are the plain
  /// pointers (space 0) that reach a `cairn.incref` or `cairn.decref`, come from an intrinsic
  /// that makes an object, or have the attribute "cairn-owned" or "cairn-borrowed" as a
  /// parameter, an argument or a result.
  bool Plain = false;
  /// How many findings of one function are reported.
  unsigned MostFindings = 4;
  /// How many states are told apart at the start of one block.
  unsigned MostStates = 32;
  /// The same where something was found after states had been joined for lack of room.
  unsigned MostStatesAgain = 256;
  /// How many times the function's instructions may be looked at before the certifier says
  /// that it cannot decide.
  unsigned MostSteps = 256;
};

enum class FindingKind {
  LostUnit,          ///< Nothing can give the unit back any more.
  NoUnit,            ///< A release, store, owned argument or result without a unit.
  ReleasedTwice,     ///< The same, after the unit went on this path.
  UsedAfterRelease,  ///< A use when nothing keeps the object alive.
  OldValueLost,      ///< A store over a reference that was not taken out before.
  SlotNotEmpty,      ///< A slot on the stack holds a unit when its frame ends.
  GrowsWithEachPass, ///< Another unit each time round a loop.
  WrongConvention,   ///< An indirect call that says otherwise than the default.
  NotLast,           ///< A cell is taken of what others may refer to, or of another shape.
  WrongCell,         ///< A cell is counted, stored, passed on, or reused as what it does not fit.
  NotDecided,        ///< More states or steps than the options allow.
};

/// The kind in a few words: "lost unit".
const char *nameOf(FindingKind Kind);

struct Finding {
  FindingKind Kind;
  /// Where it shows: a count, a use, a store, or the end of a block.
  const llvm::Instruction *At;
  /// The reference, or null if there is no one value.
  const llvm::Value *Of;
  /// What is wrong in one sentence, then the path with its lines. It does not name the function.
  std::string Message;
  /// The blocks from the entry to `At`.
  std::vector<const llvm::BasicBlock *> Path;
};

/// Certifies one function. Empty: on every path each unit is given back, moved or stored
/// exactly once, and no reference is used when nothing keeps its object alive. A declaration
/// has no findings. The pointers in the findings are into the function.
std::vector<Finding> certifyFunction(const llvm::Function &F, const CertifyOptions &Options = {});

/// Certifies every function that the module defines, and reports each finding as an error to
/// the module's context. Returns the number of findings.
unsigned certifyModule(llvm::Module &M, const CertifyOptions &Options = {});

} // namespace cairn

#endif // CAIRN_CERTIFY_H

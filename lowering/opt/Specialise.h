//===- Specialise.h - cairn-specialise: releases that know the type --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function that takes an object apart retains the fields that it goes on with, and releases
// the object:
//
//   incref (load x.left) ; incref (load x.right) ; decref x
//
// Where x is the last reference, that is a waste: the release takes the counts of the fields
// away again. So the header is looked at first, by one compare that answers "one count, and of
// this type". On the arm where it holds no field is counted: those that the function goes on
// with move to it, the others are released, and the cell is given back. The other arm has the
// counts as they were written.
//
// Which type it is, is a guess: the one type that the module allocates and whose fields are
// what the function loads through x as references. A wrong guess costs the compare.
//
// An object without fields, as its tag says, is released in the same way if another arm takes it
// apart: its memory is given back at once.
//
// Runs after the insertion. Assumes that the object is not null where it was loaded through.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_SPECIALISE_H
#define CAIRN_LOWERING_SPECIALISE_H

#include "llvm/IR/PassManager.h"

namespace cairn {

class FieldWrites;
class Shapes;

/// `-passes=cairn-specialise`. Part of the pipeline for managed references at -O1 and up.
struct SpecialisePass : llvm::PassInfoMixin<SpecialisePass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &MAM);
};

/// The pass's work in \p F, whose counts are there; false: nothing was changed. \p Known: the
/// shapes of the module, of which there is one. \p Writes: which types' references it writes over.
bool specialise(llvm::Function &F, const Shapes &Known, const FieldWrites &Writes,
                llvm::FunctionAnalysisManager &FAM);

} // namespace cairn

#endif // CAIRN_LOWERING_SPECIALISE_H

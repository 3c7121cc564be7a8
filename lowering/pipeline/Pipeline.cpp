//===- Pipeline.cpp - Where the passes run ----------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One place decides it, from LLVM's phases: lowering waits until nothing will inline
// across modules any more (docs/decisions/0004-where-lowering-happens.md).
//
//===----------------------------------------------------------------------===//
#include "cairn/lowering.h"

#include "expand/Lower.h"
#include "import/Import.h"
#include "ir/Compat.h"
#include "opt/Elide.h"
#include "llvm/Passes/PassBuilder.h"

using namespace llvm;
using namespace cairn;

/// "cairn-lower" or "cairn-lower<O1>".
static bool parseLower(StringRef Name, OptimizationLevel &Level) {
  if (!Name.consume_front("cairn-lower"))
    return false;
  if (Name.empty() || Name == "<O2>")
    Level = OptimizationLevel::O2;
  else if (Name == "<O0>")
    Level = OptimizationLevel::O0;
  else if (Name == "<O1>")
    Level = OptimizationLevel::O1;
  else if (Name == "<O3>")
    Level = OptimizationLevel::O3;
  else
    return false;
  return true;
}

void cairn::registerPasses(PassBuilder &PB, const LoweringOptions &Options) {
  PB.registerPipelineParsingCallback(
      [Options](StringRef Name, ModulePassManager &MPM, ArrayRef<PassBuilder::PipelineElement>) {
        OptimizationLevel Level = OptimizationLevel::O2;
        if (Name == "cairn-import") {
          MPM.addPass(ImportPass());
          return true;
        }
        if (!parseLower(Name, Level))
          return false;
        MPM.addPass(LowerPass(Level, Options));
        return true;
      });
  PB.registerPipelineParsingCallback(
      [](StringRef Name, FunctionPassManager &FPM, ArrayRef<PassBuilder::PipelineElement>) {
        if (Name != "cairn-elide")
          return false;
        FPM.addPass(ElidePass());
        return true;
      });

  PB.registerPipelineStartEPCallback(
      [](ModulePassManager &MPM, OptimizationLevel) { MPM.addPass(ImportPass()); });
  PB.registerScalarOptimizerLateEPCallback(
      [](FunctionPassManager &FPM, OptimizationLevel) { FPM.addPass(ElidePass()); });
  addAtOptimizerLast(PB, [Options](OptimizationLevel Level) { return LowerPass(Level, Options); });
  PB.registerFullLinkTimeOptimizationLastEPCallback(
      [Options](ModulePassManager &MPM, OptimizationLevel Level) {
        MPM.addPass(LowerPass(Level, Options));
      });
}

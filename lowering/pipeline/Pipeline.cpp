//===- Pipeline.cpp - Where the passes run ----------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers the passes of Passes.def by name and where they run. A pass that needs the
// last look at a module waits until nothing will inline across modules any more
// (docs/decisions/0004-where-lowering-happens.md).
//
//===----------------------------------------------------------------------===//
#include "cairn/lowering.h"

#include "check/Certify.h"
#include "expand/Lower.h"
#include "expand/Plain.h"
#include "import/Import.h"
#include "import/Marks.h"
#include "insert/Accumulate.h"
#include "insert/Cells.h"
#include "insert/Copies.h"
#include "insert/Insert.h"
#include "insert/Modes.h"
#include "insert/Slots.h"
#include "insert/Variants.h"
#include "ir/Compat.h"
#include "opt/Assertions.h"
#include "opt/Elide.h"
#include "opt/HeaderFirst.h"
#include "opt/InPlace.h"
#include "opt/KeepFields.h"
#include "opt/Left.h"
#include "opt/OutlineRest.h"
#include "opt/Pairs.h"
#include "opt/Registers.h"
#include "opt/SinkRetains.h"
#include "opt/Specialise.h"
#include "opt/SpillCells.h"
#include "opt/Statics.h"
#include "opt/TailConstructor.h"
#include "opt/Tokens.h"
#include "pipeline/Managed.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"

using namespace llvm;
using namespace cairn;

namespace {

enum Parameters { NoParameters, LevelParameter };

/// Where a pass runs by itself. The names are those of LLVM's extension points.
enum Where {
  ByNameOnly,    ///< Nowhere.
  PipelineStart, ///< Before all else.
  /// Before LLVM looks at more than one function: PipelineStart and, for the second half of a pass
  /// at -O1 and up, PipelineEarlySimplification. And where a link with full LTO starts, for modules
  /// that were compiled without the passes.
  OptimizedFirst,
  ScalarOptimizerLate, ///< Of each function, at the end of its simplification, at -O1 and up.
  /// Where a module is optimised for the last time: OptimizerLast unless the link optimises
  /// again, and the end of full LTO's link.
  OptimizedLast,
};

/// A link with LTO gets modules without references: it may run without the plugin, and then
/// the library's functions of the plain intrinsics' names are called.
struct PlainIfCounted : PassInfoMixin<PlainIfCounted> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &MAM) {
    return isCounted(M) ? PlainPass().run(M, MAM) : PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
};

/// A link with full LTO may bring modules that no pass has seen.
struct RefuseMarks : PassInfoMixin<RefuseMarks> {
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    return refuseMarks(M) ? PreservedAnalyses::none() : PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
};

} // namespace

/// Whether \p Text is the pass \p Name, with the parameters that it takes.
static bool isPass(StringRef Text, StringRef Name, Parameters Takes, OptimizationLevel &Level) {
  if (!Text.consume_front(Name))
    return false;
  Level = OptimizationLevel::O2;
  if (Text.empty() || Takes == NoParameters)
    return Text.empty();
  if (Text == "<O0>")
    Level = OptimizationLevel::O0;
  else if (Text == "<O1>")
    Level = OptimizationLevel::O1;
  else if (Text == "<O3>")
    Level = OptimizationLevel::O3;
  else
    return Text == "<O2>";
  return true;
}

template <Where At, typename CreateT>
static void addModulePass(PassBuilder &PB, [[maybe_unused]] CreateT Create) {
  static_assert(At != ScalarOptimizerLate, "only functions are optimised there");
  [[maybe_unused]] auto Add = [=](ModulePassManager &MPM, OptimizationLevel Level) {
    MPM.addPass(Create(Level));
  };
  if constexpr (At == PipelineStart) {
    PB.registerPipelineStartEPCallback(Add);
  } else if constexpr (At == OptimizedFirst) {
    PB.registerPipelineStartEPCallback([=](ModulePassManager &MPM, OptimizationLevel Level) {
      MPM.addPass(Level == OptimizationLevel::O0 ? Create(Level) : Create(Level).firstHalf());
    });
    PB.registerPipelineEarlySimplificationEPCallback(
        [=](ModulePassManager &MPM, OptimizationLevel Level, auto...) {
          if (Level != OptimizationLevel::O0)
            MPM.addPass(Create(Level).secondHalf());
        });
    PB.registerFullLinkTimeOptimizationEarlyEPCallback(Add);
  } else if constexpr (At == OptimizedLast) {
    addAtOptimizerLast(PB, Create);
    PB.registerFullLinkTimeOptimizationLastEPCallback(Add);
  }
}

template <Where At, typename CreateT>
static void addFunctionPass(PassBuilder &PB, [[maybe_unused]] CreateT Create) {
  static_assert(At == ByNameOnly || At == ScalarOptimizerLate, "only modules are optimised there");
  if constexpr (At == ScalarOptimizerLate)
    PB.registerScalarOptimizerLateEPCallback(
        [=](FunctionPassManager &FPM, OptimizationLevel Level) { FPM.addPass(Create(Level)); });
}

void cairn::registerPasses(PassBuilder &PB, const LoweringOptions &Options) {
  PB.registerPipelineParsingCallback(
      [=](StringRef Name, ModulePassManager &MPM, ArrayRef<PassBuilder::PipelineElement>) {
        OptimizationLevel Level = OptimizationLevel::O2;
#define CAIRN_MODULE_PASS(NAME, CREATE, PARAMETERS, WHERE, DESCRIPTION)                            \
  if (isPass(Name, NAME, PARAMETERS, Level)) {                                                     \
    MPM.addPass(CREATE);                                                                           \
    return true;                                                                                   \
  }
#define CAIRN_FUNCTION_PASS(NAME, CREATE, PARAMETERS, WHERE, DESCRIPTION)
#include "pipeline/Passes.def"
        return false;
      });
  PB.registerPipelineParsingCallback(
      [=](StringRef Name, FunctionPassManager &FPM, ArrayRef<PassBuilder::PipelineElement>) {
        OptimizationLevel Level = OptimizationLevel::O2;
#define CAIRN_MODULE_PASS(NAME, CREATE, PARAMETERS, WHERE, DESCRIPTION)
#define CAIRN_FUNCTION_PASS(NAME, CREATE, PARAMETERS, WHERE, DESCRIPTION)                          \
  if (isPass(Name, NAME, PARAMETERS, Level)) {                                                     \
    FPM.addPass(CREATE);                                                                           \
    return true;                                                                                   \
  }
#include "pipeline/Passes.def"
        return false;
      });

  PB.registerFullLinkTimeOptimizationEarlyEPCallback(
      [](ModulePassManager &MPM, OptimizationLevel) { MPM.addPass(RefuseMarks()); });
  PB.registerOptimizerLastEPCallback(
      [](ModulePassManager &MPM, OptimizationLevel, auto...) { MPM.addPass(PlainIfCounted()); });
#define CAIRN_MODULE_PASS(NAME, CREATE, PARAMETERS, WHERE, DESCRIPTION)                            \
  addModulePass<WHERE>(PB, [=]([[maybe_unused]] OptimizationLevel Level) { return CREATE; });
#define CAIRN_FUNCTION_PASS(NAME, CREATE, PARAMETERS, WHERE, DESCRIPTION)                          \
  addFunctionPass<WHERE>(PB, [=]([[maybe_unused]] OptimizationLevel Level) { return CREATE; });
#include "pipeline/Passes.def"
}

//===- CApi.cpp - The C door of the lowering --------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Wraps the passes in a pipeline of their own, and turns diagnostics into the
// returned error. The context's own handler is put back afterwards.
//
//===----------------------------------------------------------------------===//
#include "cairn/lowering-c.h"

#include "cairn/certify.h"
#include "expand/Lower.h"
#include "ir/Diagnostics.h"
#include "llvm-c/Core.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/Error.h"

using namespace llvm;
using namespace cairn;

LLVMErrorRef CairnLowerModule(LLVMModuleRef Ref, unsigned Level) {
  Module &M = *unwrap(Ref);
  static const OptimizationLevel Levels[] = {OptimizationLevel::O0, OptimizationLevel::O1,
                                             OptimizationLevel::O2, OptimizationLevel::O3};
  OptimizationLevel At = Levels[std::min(Level, 3u)];
  DiagnosticCollector Errors(M.getContext());
  {
    LoopAnalysisManager LAM;
    FunctionAnalysisManager FAM;
    CGSCCAnalysisManager CGAM;
    ModuleAnalysisManager MAM;
    PassBuilder PB;
    PB.registerModuleAnalyses(MAM);
    PB.registerCGSCCAnalyses(CGAM);
    PB.registerFunctionAnalyses(FAM);
    PB.registerLoopAnalyses(LAM);
    PB.crossRegisterProxies(LAM, FAM, CGAM, MAM);
    ModulePassManager MPM;
    MPM.addPass(LowerPass(At, {}));
    MPM.run(M, MAM);
  }
  if (!Errors.failed())
    return LLVMErrorSuccess;
  return wrap(make_error<StringError>(Errors.errors("\n"), inconvertibleErrorCode()));
}

LLVMErrorRef CairnCertifyModule(LLVMModuleRef Ref, int OwnCounts) {
  Module &M = *unwrap(Ref);
  CertifyOptions Options;
  Options.Plain = OwnCounts != 0;
  DiagnosticCollector Errors(M.getContext());
  certifyModule(M, Options);
  if (!Errors.failed())
    return LLVMErrorSuccess;
  return wrap(make_error<StringError>(Errors.errors("\n"), inconvertibleErrorCode()));
}

const char *CairnLoweringLLVMVersion(void) { return LLVM_VERSION_STRING; }

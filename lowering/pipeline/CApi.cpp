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
#include "ir/Intrinsics.h"
#include "pipeline/Managed.h"
#include "llvm-c/Core.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/Error.h"

using namespace llvm;
using namespace cairn;

static OptimizationLevel levelOf(unsigned Number) {
  static const OptimizationLevel Levels[] = {OptimizationLevel::O0, OptimizationLevel::O1,
                                             OptimizationLevel::O2, OptimizationLevel::O3};
  return Levels[std::min(Number, 3u)];
}

static LLVMErrorRef errorOf(const DiagnosticCollector &Errors) {
  if (!Errors.failed())
    return LLVMErrorSuccess;
  return wrap(make_error<StringError>(Errors.errors("\n"), inconvertibleErrorCode()));
}

template <typename PassT> static void run(Module &M, PassT Pass) {
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
  MPM.addPass(std::move(Pass));
  MPM.run(M, MAM);
}

LLVMErrorRef CairnCountReferences(LLVMModuleRef Ref, unsigned Level) {
  Module &M = *unwrap(Ref);
  DiagnosticCollector Errors(M.getContext());
  run(M, ManagedPass(levelOf(Level), {}));
  return errorOf(Errors);
}

LLVMErrorRef CairnLowerModule(LLVMModuleRef Ref, unsigned Level) {
  if (LLVMErrorRef Error = CairnCountReferences(Ref, Level))
    return Error;
  Module &M = *unwrap(Ref);
  DiagnosticCollector Errors(M.getContext());
  run(M, LowerPass(levelOf(Level), {}));
  return errorOf(Errors);
}

void CairnUseCheckedHeap(LLVMModuleRef Ref) {
  Module &M = *unwrap(Ref);
  if (!M.getModuleFlag(kCheckedHeap))
    M.addModuleFlag(Module::Max, kCheckedHeap, 1);
}

LLVMErrorRef CairnCertifyModule(LLVMModuleRef Ref, int OwnCounts) {
  Module &M = *unwrap(Ref);
  CertifyOptions Options;
  Options.Plain = OwnCounts != 0;
  DiagnosticCollector Errors(M.getContext());
  certifyModule(M, Options);
  return errorOf(Errors);
}

const char *CairnLoweringLLVMVersion(void) { return LLVM_VERSION_STRING; }

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

#include "Elide.h"
#include "Import.h"
#include "Lower.h"
#include "llvm-c/Core.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/Error.h"

using namespace llvm;
using namespace cairn;

namespace {

struct Collector : DiagnosticHandler {
  std::unique_ptr<DiagnosticHandler> Next;
  std::string &Errors;

  Collector(std::unique_ptr<DiagnosticHandler> Next, std::string &Errors)
      : Next(std::move(Next)), Errors(Errors) {}

  bool handleDiagnostics(const DiagnosticInfo &DI) override {
    if (DI.getSeverity() != DS_Error)
      return Next && Next->handleDiagnostics(DI);
    std::string Text;
    raw_string_ostream OS(Text);
    DiagnosticPrinterRawOStream Printer(OS);
    DI.print(Printer);
    Errors += (Errors.empty() ? "" : "\n") + StringRef(Text).rtrim().str();
    return true;
  }
};

} // namespace

LLVMErrorRef CairnLowerModule(LLVMModuleRef Ref, unsigned Level) {
  Module &M = *unwrap(Ref);
  static const OptimizationLevel Levels[] = {OptimizationLevel::O0, OptimizationLevel::O1,
                                             OptimizationLevel::O2, OptimizationLevel::O3};
  OptimizationLevel At = Levels[std::min(Level, 3u)];
  LLVMContext &C = M.getContext();
  std::string Errors;
  auto Collecting = std::make_unique<Collector>(C.getDiagnosticHandler(), Errors);
  Collector &Handler = *Collecting;
  C.setDiagnosticHandler(std::move(Collecting));
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
  std::unique_ptr<DiagnosticHandler> Previous = std::move(Handler.Next);
  C.setDiagnosticHandler(std::move(Previous));
  if (Errors.empty())
    return LLVMErrorSuccess;
  return wrap(make_error<StringError>(Errors, inconvertibleErrorCode()));
}

const char *CairnLoweringLLVMVersion(void) { return LLVM_VERSION_STRING; }

const char CAIRN_LLVM_SYMBOL = LLVM_VERSION_MAJOR;

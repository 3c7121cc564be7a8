//===- plain_session.cpp - A JIT session without Cairn ---------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "plain_session.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"

using namespace llvm;
using namespace llvm::orc;

/// The module of Cairn's sessions, with malloc and free in place of an object.
static const char Small[] = "declare noalias ptr @malloc(i64)\n"
                            "declare void @free(ptr)\n"
                            "define i64 @f0(i64 %x) {\n"
                            "  %p = call ptr @malloc(i64 24)\n"
                            "  store volatile i64 %x, ptr %p\n"
                            "  %y = load volatile i64, ptr %p\n"
                            "  call void @free(ptr %p)\n"
                            "  ret i64 %y\n"
                            "}\n";

static void optimise(Module &M, TargetMachine &TM, unsigned Level) {
  LoopAnalysisManager LAM;
  FunctionAnalysisManager FAM;
  CGSCCAnalysisManager CGAM;
  ModuleAnalysisManager MAM;
  PassBuilder PB(&TM);
  PB.registerModuleAnalyses(MAM);
  PB.registerCGSCCAnalyses(CGAM);
  PB.registerFunctionAnalyses(FAM);
  PB.registerLoopAnalyses(LAM);
  PB.crossRegisterProxies(LAM, FAM, CGAM, MAM);
  const OptimizationLevel Levels[] = {OptimizationLevel::O0, OptimizationLevel::O1,
                                      OptimizationLevel::O2, OptimizationLevel::O3};
  ModulePassManager MPM = Level ? PB.buildPerModuleDefaultPipeline(Levels[Level])
                                : PB.buildO0DefaultPipeline(Levels[Level]);
  MPM.run(M, MAM);
}

namespace {
struct Plain {
  std::unique_ptr<TargetMachine> Machine;
  std::unique_ptr<LLJIT> Session;
};
} // namespace

std::shared_ptr<void> plainFirstCall(unsigned Level) {
  ExitOnError Or("cairn-bench-jit: without Cairn: ");
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  JITTargetMachineBuilder Builder = Or(JITTargetMachineBuilder::detectHost());
  const CodeGenOptLevel Levels[] = {CodeGenOptLevel::None, CodeGenOptLevel::Less,
                                    CodeGenOptLevel::Default, CodeGenOptLevel::Aggressive};
  Builder.setCodeGenOptLevel(Levels[Level]);
  auto P = std::make_shared<Plain>();
  P->Machine = Or(Builder.createTargetMachine());
  P->Session = Or(LLJITBuilder().setJITTargetMachineBuilder(Builder).create());
  P->Session->getIRTransformLayer().setTransform(
      [Machine = P->Machine.get(), Level](
          ThreadSafeModule M, const MaterializationResponsibility &) -> Expected<ThreadSafeModule> {
        M.withModuleDo([&](Module &In) { optimise(In, *Machine, Level); });
        return std::move(M);
      });
  auto Context = std::make_unique<LLVMContext>();
  SMDiagnostic Problem;
  auto M = parseAssemblyString(Small, Problem, *Context);
  if (!M)
    report_fatal_error(Problem.getMessage());
  Or(P->Session->addIRModule(ThreadSafeModule(std::move(M), std::move(Context))));
  auto *F = Or(P->Session->lookup("f0")).toPtr<uint64_t (*)(uint64_t)>();
  if (F(5) != 5)
    report_fatal_error("a wrong result");
  return P;
}

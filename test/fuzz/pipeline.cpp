//===- pipeline.cpp - A module through Cairn's passes, for fuzzing -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "pipeline.h"

#include "cairn/lowering.h"

#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"

#include <csetjmp>
#include <csignal>

using namespace llvm;

namespace fuzz {

namespace {
constexpr const char *kPipelines[] = {
    "cairn-import,cairn-managed<O2>,function(cairn-elide),cairn-lower<O2>",
    "cairn-import,cairn-managed<O0>,cairn-lower<O0>",
    "cairn-import,cairn-copies,cairn-slots,cairn-modes,cairn-insert,cairn-certify,cairn-plain",
    "cairn-import,cairn-certify-plain,function(cairn-elide),cairn-lower<O3>",
    "cairn-import,cairn-managed<O3>,cairn-specialise,cairn-lower<O3>",
};

/// What libFuzzer looks at besides the edges of the program, as the passes may not be built to
/// say theirs: which errors there were, and which instructions follow each other in the result.
__attribute__((used, section("__libfuzzer_extra_counters"))) uint8_t counters[1 << 14];
void saw(uint64_t what) { counters[what % std::size(counters)] = 1; }

struct Errors : DiagnosticHandler {
  unsigned Count = 0;
  bool handleDiagnostics(const DiagnosticInfo &info) override {
    Count += info.getSeverity() == DS_Error;
    std::string text;
    raw_string_ostream os(text);
    DiagnosticPrinterRawOStream printer(os);
    info.print(printer);
    uint64_t hash = 0; // of its words, not of the names and numbers in it
    bool quoted = false;
    for (char c : text) {
      quoted ^= c == '\'';
      if (!quoted && isalpha(uint8_t(c)))
        hash = hash * 31 + uint8_t(c);
    }
    saw(hash);
    return true;
  }
};

void look(const Module &module, unsigned choice) {
  for (const Function &f : module)
    for (const BasicBlock &block : f) {
      uint64_t before = choice;
      for (const Instruction &i : block) {
        uint64_t now = i.getOpcode();
        if (auto *call = dyn_cast<CallBase>(&i))
          if (const Function *callee = call->getCalledFunction())
            for (char c : callee->getName())
              now = now * 31 + uint8_t(c);
        saw((before * 0x9e3779b97f4a7c15u) ^ now * 0x85ebca6bu);
        before = now;
      }
    }
}
} // namespace

std::unique_ptr<Module> parse(function_ref<std::unique_ptr<Module>()> read) {
  static sigjmp_buf out;
  constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};
  struct sigaction before[std::size(kSignals)], leave = {};
  leave.sa_handler = [](int) { siglongjmp(out, 1); };
  for (size_t i = 0; i < std::size(kSignals); ++i)
    sigaction(kSignals[i], &leave, &before[i]);
  std::unique_ptr<Module> module;
  if (!sigsetjmp(out, 1)) {
    module = read();
    if (module && verifyModule(*module))
      module = nullptr;
  } else {
    (void)module.release(); // in what state it is, nobody knows
  }
  for (size_t i = 0; i < std::size(kSignals); ++i)
    sigaction(kSignals[i], &before[i], nullptr);
  return module;
}

void runPipeline(std::unique_ptr<Module> module, unsigned choice) {
  LLVMContext &context = module->getContext();
  auto handler = std::make_unique<Errors>();
  Errors &errors = *handler;
  context.setDiagnosticHandler(std::move(handler));
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graph;
  ModuleAnalysisManager modules;
  PassBuilder builder;
  cairn::registerPasses(builder);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  ModulePassManager passes;
  choice %= std::size(kPipelines);
  const char *pipeline = kPipelines[choice];
  if (Error error = builder.parsePassPipeline(passes, pipeline)) {
    errs() << toString(std::move(error)) << '\n';
    __builtin_trap();
  }
  passes.run(*module, modules);
  look(*module, choice);
  std::string broken;
  raw_string_ostream os(broken);
  if (!errors.Count && verifyModule(*module, &os)) {
    errs() << pipeline << " made a module that does not verify: " << broken << '\n';
    __builtin_trap();
  }
}

} // namespace fuzz

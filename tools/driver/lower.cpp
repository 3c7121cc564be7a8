//===- lower.cpp - cairn lower: runs the passes on one module -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads the plugin that clang loads, so that both do the same. The result is a
// module again, verified, with no optimisation but what the lowering does itself.
//
//===----------------------------------------------------------------------===//

#include "driver.h"
#include "ir.h"

#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Plugins/PassPlugin.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

namespace cairn {

std::unique_ptr<Module> readModule(StringRef path, LLVMContext &context) {
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseIRFile(path, diagnostic, context);
  if (!module) {
    if (diagnostic.getLineNo() > 0)
      diagnostic.print(nullptr, errs(), WithColor(errs()).colorsEnabled());
    else
      fail(path + ": " + diagnostic.getMessage());
    return nullptr;
  }
  std::string text;
  raw_string_ostream os(text);
  if (verifyModule(*module, &os)) {
    fail(path + ": " + StringRef(text).rtrim());
    return nullptr;
  }
  return module;
}

namespace {

/// Prints the passes' errors, and remembers that there was one.
struct Diagnostics : DiagnosticHandler {
  Diagnostics(StringRef path, bool &failed) : path(path), failed(failed) {}

  bool handleDiagnostics(const DiagnosticInfo &info) override {
    if (info.getSeverity() == DS_Remark)
      return true;
    raw_ostream &os = info.getSeverity() == DS_Error ? WithColor::error(errs(), "cairn")
                                                     : WithColor::warning(errs(), "cairn");
    DiagnosticPrinterRawOStream printer(os << path << ": ");
    info.print(printer);
    os << "\n";
    failed |= info.getSeverity() == DS_Error;
    return true;
  }

  std::string path;
  bool &failed;
};

} // namespace

int lower(const Places &places, const LowerOptions &options) {
  if (options.input.empty())
    return fail("no input file; see cairn lower --help");
  auto plugin = PassPlugin::Load(places.plugin);
  if (!plugin)
    return fail(toString(plugin.takeError()));
  if (options.heap == HeapBinding::Static) {
    auto &known = cl::getRegisteredOptions();
    auto found = known.find("cairn-heap");
    if (found == known.end() || found->second->addOccurrence(0, "cairn-heap", "static"))
      return fail("the compiler plugin knows no static heap");
  }

  LLVMContext context;
  std::unique_ptr<Module> module = readModule(options.input, context);
  if (!module)
    return 1;

  bool failed = false;
  context.setDiagnosticHandler(std::make_unique<Diagnostics>(options.input, failed));
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graph;
  ModuleAnalysisManager modules;
  PassBuilder builder;
  plugin->registerPassBuilderCallbacks(builder);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  ModulePassManager passes;
  if (Error error = builder.parsePassPipeline(passes, "cairn-import,cairn-lower"))
    return fail(toString(std::move(error)));
  passes.run(*module, modules);
  if (failed)
    return 1;
  std::string broken;
  raw_string_ostream os(broken);
  if (verifyModule(*module, &os))
    return fail(options.input + ": not valid after lowering: " + StringRef(broken).rtrim());

  std::error_code error;
  ToolOutputFile out(options.output, error, sys::fs::OF_Text);
  if (error)
    return fail(options.output + ": " + error.message());
  module->print(out.os(), nullptr);
  out.os().close();
  if (out.os().has_error()) {
    error = out.os().error();
    out.os().clear_error();
    return fail(options.output + ": " + error.message());
  }
  out.keep();
  return 0;
}

} // namespace cairn

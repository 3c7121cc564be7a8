//===- ir.cpp - Reading and checking IR files -----------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The passes give an error the line of its instruction's debug location. A text file
// written by hand has none, so a copy that is thrown away is given its own lines, and
// cairn-import and cairn-managed say there what is wrong.
//
//===----------------------------------------------------------------------===//

#include "ir.h"
#include "driver.h"
#include "ir/Compat.h"
#include "ir/Diagnostics.h"

#include "cairn/lowering.h"
#if CAIRN_HAS_TEXT_PLACES
#include "llvm/AsmParser/AsmParserContext.h"
#endif
#include "llvm/AsmParser/Parser.h"
#include "llvm/BinaryFormat/Magic.h"
#include "llvm/IR/DIBuilder.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace cairn {

namespace {

/// Prints the passes' errors and warnings, at \p path where they have no place of their own.
bool print(const DiagnosticInfo &info, StringRef path) {
  if (info.getSeverity() == DS_Remark || info.getSeverity() == DS_Note)
    return true;
  std::string text, place = path.str();
  if (auto *located = dyn_cast<DiagnosticInfoUnsupported>(&info)) {
    if (located->isLocationAvailable())
      place = located->getLocationStr();
    text =
        ("in function '" + located->getFunction().getName() + "': " + located->getMessage()).str();
  } else {
    text = textOf(info);
  }
  WithColor(errs(), raw_ostream::SAVEDCOLOR, /*Bold=*/true) << place << ": ";
  (info.getSeverity() == DS_Error ? WithColor::error(errs()) : WithColor::warning(errs()))
      << text << "\n";
  return true;
}

#if CAIRN_HAS_TEXT_PLACES
/// Gives each function without debug information the lines of the text it came from.
void locate(Module &module, const AsmParserContext &places, StringRef path) {
  DIBuilder builder(module);
  DIFile *file = builder.createFile(path, "");
  DICompileUnit *unit = nullptr;
  for (Function &function : module) {
    if (function.isDeclaration() || function.getSubprogram())
      continue;
    if (!unit)
      unit = builder.createCompileUnit(DISourceLanguageName(dwarf::DW_LANG_C), file, "cairn",
                                       /*isOptimized=*/false, "", 0);
    auto *type = builder.createSubroutineType(builder.getOrCreateTypeArray({}));
    auto *scope = builder.createFunction(unit, function.getName(), "", file, 0, type, 0,
                                         DINode::FlagZero, DISubprogram::SPFlagDefinition);
    function.setSubprogram(scope);
    for (BasicBlock &block : function)
      for (Instruction &instruction : block)
        if (auto range = places.getInstructionLocation(&instruction))
          instruction.setDebugLoc(DILocation::get(module.getContext(), range->Start.Line + 1,
                                                  range->Start.Col + 1, scope));
  }
  builder.finalize();
}
#endif

/// Whether the text's use of the intrinsics is right. It has been parsed before.
bool checkText(StringRef path, const MemoryBuffer &text) {
  LLVMContext context;
  SMDiagnostic diagnostic;
#if CAIRN_HAS_TEXT_PLACES
  AsmParserContext places;
  std::unique_ptr<Module> module = parseAssembly(
      text, diagnostic, context, nullptr, [](StringRef, StringRef) { return std::nullopt; },
      &places);
  if (module)
    locate(*module, places, path);
#else // errors name the function and the instruction, and no line
  std::unique_ptr<Module> module = parseAssembly(text, diagnostic, context);
#endif
  return !module || runPasses(*module, path, "cairn-import,cairn-managed<O0>");
}

} // namespace

bool runPasses(Module &module, StringRef path, StringRef pipeline) {
  DiagnosticCollector diagnostics(module.getContext(),
                                  [&](const DiagnosticInfo &info) { return print(info, path); });
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graph;
  ModuleAnalysisManager modules;
  PassBuilder builder;
  registerPasses(builder);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graph, modules);
  ModulePassManager passes;
  if (Error error = builder.parsePassPipeline(passes, pipeline)) {
    fail(toString(std::move(error)));
    return false;
  }
  passes.run(module, modules);
  return !diagnostics.failed();
}

std::unique_ptr<Module> readModule(StringRef path, LLVMContext &context) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFileOrSTDIN(path, true);
  if (!buffer) {
    fail(path + ": " + buffer.getError().message());
    return nullptr;
  }
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseIR(**buffer, diagnostic, context);
  if (!module) {
    if (diagnostic.getLineNo() > 0)
      diagnostic.print(nullptr, errs(), WithColor(errs()).colorsEnabled());
    else
      fail(path + ": " + diagnostic.getMessage());
    return nullptr;
  }
  std::string broken;
  raw_string_ostream os(broken);
  if (verifyModule(*module, &os)) {
    fail(path + ": " + StringRef(broken).rtrim());
    return nullptr;
  }
  if (identify_magic((*buffer)->getBuffer()) != file_magic::bitcode && !checkText(path, **buffer))
    return nullptr;
  return module;
}

} // namespace cairn

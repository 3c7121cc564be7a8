//===- lower.cpp - cairn lower: runs the passes on one module -------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same passes that the plugin adds to clang, on the module as it stands: nothing
// is optimised but what the lowering itself made. The result is verified.
//
//===----------------------------------------------------------------------===//

#include "cairn/lowering.h"
#include "driver.h"
#include "ir.h"
#include "ir/Compat.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/TargetParser/Host.h"

using namespace llvm;

namespace cairn {

int lower(const LowerOptions &options) {
  if (options.input.empty())
    return fail("no input file; see cairn lower --help");
  LLVMContext context;
  std::unique_ptr<Module> module = readModule(options.input, context);
  if (!module)
    return 1;
  if (tripleOf(*module).str().empty())
    setTriple(*module, Triple(sys::getDefaultTargetTriple()));
  if (module->getDataLayout().isDefault())
    module->setDataLayout(dataLayoutFor(tripleOf(*module)));
  if (options.heap == HeapBinding::Static)
    for (Function &function : *module)
      if (!function.isDeclaration() && !function.hasFnAttribute("cairn-heap"))
        function.addFnAttr("cairn-heap", "static");
  if (options.heap == HeapBinding::Checked)
    module->addModuleFlag(Module::Max, "cairn-checked", 1);
  if (options.fibers)
    markFibers(*module);

  if (!runPasses(*module, options.input, "cairn-import,cairn-managed<O0>,cairn-lower"))
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

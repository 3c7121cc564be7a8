//===- pipeline.h - A module through Cairn's passes, for fuzzing ---*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TEST_FUZZ_PIPELINE_H
#define CAIRN_TEST_FUZZ_PIPELINE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/Module.h"

#include <memory>

namespace fuzz {

/// What `read` gives, if it verifies; else null. Null as well where LLVM's reader or verifier
/// crashes, as they do for some input: that is not for us to find.
std::unique_ptr<llvm::Module> parse(llvm::function_ref<std::unique_ptr<llvm::Module>()> read);

/// Runs one of the pipelines, which `choice` picks, over a module that verifies. Traps if the
/// passes reported no error and made a module that does not verify; what else is wrong is a crash.
void runPipeline(std::unique_ptr<llvm::Module> module, unsigned choice);

} // namespace fuzz

#endif // CAIRN_TEST_FUZZ_PIPELINE_H

//===- Compiler.h - A function to IR that works on the same objects -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_INTERP_COMPILER_H
#define CAIRN_INTERP_COMPILER_H

#include "Program.h"
#include "cairn/jit.h"

#include <set>

namespace interp {

class Interpreter;

class Compiler {
public:
  Compiler(cairn::jit::Session &Session, Interpreter &I) : Session(Session), I(I) {}

  llvm::Expected<Entry> compile(const Function &F);

  /// The name of an address of the host's in compiled code; known to the session from
  /// the first time it is asked for.
  llvm::Expected<std::string> symbol(const llvm::Twine &Name, const void *Address);

private:
  cairn::jit::Session &Session;
  Interpreter &I;
  std::set<std::string> Defined;
};

} // namespace interp

#endif // CAIRN_INTERP_COMPILER_H

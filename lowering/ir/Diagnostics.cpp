//===- Diagnostics.cpp - Errors that name the function and the instruction --*- C++ -*--===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An instruction's text goes into the message: IR files often carry no locations.
//
//===----------------------------------------------------------------------===//
#include "ir/Diagnostics.h"

#include "ir/Compat.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instruction.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

void cairn::reportError(const Instruction &I, const Twine &Message) {
  const Function &F = *I.getFunction();
  std::string Text;
  raw_string_ostream OS(Text);
  OS << "cairn: " << Message << ": ";
  std::string Printed;
  raw_string_ostream(Printed) << I;
  OS << StringRef(Printed).ltrim();
  F.getContext().diagnose(DiagnosticInfoUnsupported(F, Text, I.getDebugLoc()));
}

void cairn::reportError(Module &M, const Twine &Message) {
  std::string Text = ("cairn: " + Message + ", in module '" + M.getModuleIdentifier() + "'").str();
  diagnoseError(M.getContext(), Text);
}

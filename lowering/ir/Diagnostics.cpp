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
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/Instruction.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace cairn;

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

bool cairn::hasReportedErrors(const LLVMContext &C) { return C.getDiagHandlerPtr()->HasErrors; }

std::string cairn::textOf(const DiagnosticInfo &DI) {
  std::string Text;
  raw_string_ostream OS(Text);
  DiagnosticPrinterRawOStream Printer(OS);
  DI.print(Printer);
  return StringRef(Text).rtrim().str();
}

class DiagnosticCollector::Handler : public DiagnosticHandler {
public:
  Handler(DiagnosticCollector &To, Sink S, std::unique_ptr<DiagnosticHandler> Previous)
      : Previous(std::move(Previous)), To(To), S(std::move(S)) {}

  bool handleDiagnostics(const DiagnosticInfo &DI) override {
    if (DI.getSeverity() == DS_Error)
      To.Errors.push_back(textOf(DI));
    return S(DI) || (Previous && Previous->handleDiagnostics(DI));
  }
  // Which remarks the options ask for is known to the handler that was there before.
  bool isAnalysisRemarkEnabled(StringRef Pass) const override {
    return Previous && Previous->isAnalysisRemarkEnabled(Pass);
  }
  bool isMissedOptRemarkEnabled(StringRef Pass) const override {
    return Previous && Previous->isMissedOptRemarkEnabled(Pass);
  }
  bool isPassedOptRemarkEnabled(StringRef Pass) const override {
    return Previous && Previous->isPassedOptRemarkEnabled(Pass);
  }
  bool isAnyRemarkEnabled() const override { return Previous && Previous->isAnyRemarkEnabled(); }

  std::unique_ptr<DiagnosticHandler> Previous;

private:
  DiagnosticCollector &To;
  Sink S;
};

DiagnosticCollector::DiagnosticCollector(LLVMContext &C)
    : DiagnosticCollector(C,
                          [](const DiagnosticInfo &DI) { return DI.getSeverity() == DS_Error; }) {}

DiagnosticCollector::DiagnosticCollector(LLVMContext &C, Sink To) : C(C) {
  auto Owned = std::make_unique<Handler>(*this, std::move(To), C.getDiagnosticHandler());
  Installed = Owned.get();
  C.setDiagnosticHandler(std::move(Owned));
}

DiagnosticCollector::~DiagnosticCollector() {
  std::unique_ptr<DiagnosticHandler> Previous = std::move(Installed->Previous);
  C.setDiagnosticHandler(std::move(Previous));
}

std::string DiagnosticCollector::errors(StringRef Separator) const {
  return join(Errors, Separator);
}

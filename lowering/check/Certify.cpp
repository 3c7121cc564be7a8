//===- Certify.cpp - cairn-certify: units are balanced ----------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "check/Certify.h"

#include "cairn/certify.h"
#include "check/Walk.h"
#include "ir/Diagnostics.h"
#include "llvm/ADT/Statistic.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

#define DEBUG_TYPE "cairn-certify"

using namespace llvm;
using namespace cairn;
using namespace cairn::check;

STATISTIC(NumFunctions, "Number of functions certified");
STATISTIC(NumExact, "Number of functions that needed an exact walk");
STATISTIC(NumWithRoom, "Number of functions that needed an exact walk with more room");
STATISTIC(NumNotDecided, "Number of functions that the certifier cannot decide");

const char *cairn::nameOf(FindingKind Kind) {
  switch (Kind) {
  case FindingKind::LostUnit:
    return "lost unit";
  case FindingKind::NoUnit:
    return "no unit";
  case FindingKind::ReleasedTwice:
    return "released twice";
  case FindingKind::UsedAfterRelease:
    return "used after its unit went";
  case FindingKind::OldValueLost:
    return "old value lost";
  case FindingKind::SlotNotEmpty:
    return "slot not empty";
  case FindingKind::GrowsWithEachPass:
    return "grows with each pass";
  case FindingKind::WrongConvention:
    return "wrong convention";
  case FindingKind::NotLast:
    return "not the last";
  case FindingKind::WrongCell:
    return "wrong use of a cell";
  case FindingKind::NotDecided:
    return "not decided";
  }
  return "";
}

/// Whether nothing in \p F can be a reference.
static bool hasNone(const Function &F, const CertifyOptions &Options) {
  return F.isDeclaration() || (!Options.Plain && !References(*F.getParent()).in(F));
}

static std::vector<Finding> certify(const Function &F, const CertifyOptions &Options,
                                    Callees &Quiet) {
  if (hasNone(F, Options))
    return {};
  ++NumFunctions;
  Roots R(F, Options.Plain);
  Conditions C(F);
  DominatorTree DT(const_cast<Function &>(F));
  if (Walk(R, C, Quiet, DT, Options).run(false).empty())
    return {};
  ++NumExact;
  auto IsNotDecided = [](const Finding &Of) { return Of.Kind == FindingKind::NotDecided; };
  Walk Exact(R, C, Quiet, DT, Options);
  std::vector<Finding> Found = Exact.run(true);
  if (!Found.empty() && Exact.lackedRoom() && Options.MostStatesAgain > Options.MostStates) {
    ++NumWithRoom;
    CertifyOptions Again = Options;
    Again.MostStates = Options.MostStatesAgain;
    std::vector<Finding> Better = Walk(R, C, Quiet, DT, Again).run(true);
    if (none_of(Better, IsNotDecided))
      Found = std::move(Better);
  }
  NumNotDecided += any_of(Found, IsNotDecided);
  return Found;
}

std::vector<Finding> cairn::certifyFunction(const Function &F, const CertifyOptions &Options) {
  Callees Quiet{References(*F.getParent())};
  return certify(F, Options, Quiet);
}

unsigned cairn::certifyModule(Module &M, const CertifyOptions &Options) {
  unsigned All = 0;
  Callees Quiet{References(M)};
  for (const Function &F : M)
    for (const Finding &Of : certify(F, Options, Quiet)) {
      reportError(*Of.At, Twine(nameOf(Of.Kind)) + ": " + Of.Message);
      ++All;
    }
  return All;
}

PreservedAnalyses CertifyPass::run(Module &M, ModuleAnalysisManager &) {
  CertifyOptions Options;
  Options.Plain = Plain;
  certifyModule(M, Options);
  return PreservedAnalyses::all();
}

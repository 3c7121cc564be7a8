//===- main.cpp - cairn-mutate: what the certifier finds --------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   cairn-mutate certify [--plain] [--states=N] [--again=M] [--passes=LIST] FILE...
//       prints every finding in the functions of IR or bitcode files; joins states where there
//       are more than N in one place, and if it found something then, more than M
//   cairn-mutate mutate [--plain] [--passes=LIST] [--table] [--write=PREFIX] FILE...
//       makes every mutation of every function, and prints those that are not found, or writes
//       each of them to a file of its own, to be run
//
// With --passes the passes run first. The exit code is 1 if there is a finding, or if a
// mutation that may unbalance a path is not found.
//
//===----------------------------------------------------------------------===//
#include "cairn/certify.h"
#include "cairn/lowering.h"
#include "mutations.h"
#include "proofs.h"

#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace llvm;
using namespace cairn;

static bool runPasses(Module &M, StringRef Passes) {
  LoopAnalysisManager LAM;
  FunctionAnalysisManager FAM;
  CGSCCAnalysisManager CGAM;
  ModuleAnalysisManager MAM;
  PassBuilder PB;
  registerPasses(PB);
  PB.registerModuleAnalyses(MAM);
  PB.registerCGSCCAnalyses(CGAM);
  PB.registerFunctionAnalyses(FAM);
  PB.registerLoopAnalyses(LAM);
  PB.crossRegisterProxies(LAM, FAM, CGAM, MAM);
  ModulePassManager MPM;
  if (Error E = PB.parsePassPipeline(MPM, Passes)) {
    errs() << "cairn-mutate: " << toString(std::move(E)) << '\n';
    return false;
  }
  MPM.run(M, MAM);
  return true;
}

static unsigned certify(Module &M, const CertifyOptions &Options) {
  unsigned All = 0;
  for (Function &F : M)
    for (const Finding &Of : certifyFunction(F, Options)) {
      outs() << F.getName() << ": " << nameOf(Of.Kind) << ": " << Of.Message << ": "
             << StringRef([&] {
                  std::string Text;
                  raw_string_ostream(Text) << *Of.At;
                  return Text;
                }())
                    .trim()
             << '\n';
      ++All;
    }
  return All;
}

namespace {
struct Row {
  unsigned Made = 0, Found = 0, Harmless = 0, Missed = 0;
  std::map<std::string, unsigned> Reasons;
};
} // namespace

/// Whether the certifier finds something wrong in \p F, or in who calls it.
static bool isFound(Function &F, bool Callers) {
  CertifyOptions One;
  One.MostFindings = 1;
  One.Plain = PlainCounts;
  if (!certifyFunction(F, One).empty())
    return true;
  if (Callers)
    for (const User *U : F.users())
      if (auto *Call = dyn_cast<CallBase>(U); Call && Call->getCalledOperand() == &F)
        if (!certifyFunction(*Call->getFunction(), One).empty())
          return true;
  return false;
}

static void write(const Module &M, const Twine &Path) {
  std::error_code Error;
  raw_fd_ostream OS(Path.str(), Error);
  if (Error)
    errs() << "cairn-mutate: " << Path << ": " << Error.message() << '\n';
  else
    WriteBitcodeToFile(M, OS);
}

static unsigned mutate(Module &M, std::vector<Row> &Table, StringRef Prefix) {
  unsigned Missed = 0, Written = 0;
  for (Function &F : M) {
    if (F.isDeclaration() || isFound(F, false))
      continue; // Reported by `certify`.
    for (Mutation &Of : mutationsOf(F)) {
      Row &R = Table[unsigned(Of.Kind)];
      ++R.Made;
      Of.Make();
      const bool Broken = verifyFunction(F, &errs());
      const bool Modes =
          Of.Kind == MutationKind::ParameterMode || Of.Kind == MutationKind::ResultMode;
      const bool Found = !Broken && isFound(F, Modes);
      if (!Broken && !Found && !Prefix.empty() && (Of.Harmless.empty() || Of.Harmless == kLent))
        write(M, Prefix + Twine(Written++) + ".bc");
      Of.TakeBack();
      if (Broken) {
        errs() << "cairn-mutate: invalid: " << nameOf(Of.Kind) << ": " << Of.Where << '\n';
        ++Missed;
      } else if (Found) {
        ++R.Found;
      } else if (!Of.Harmless.empty()) {
        ++R.Harmless;
        ++R.Reasons[Of.Harmless];
      } else {
        ++R.Missed;
        ++Missed;
        outs() << "not found: " << nameOf(Of.Kind) << ": " << F.getName() << ": " << Of.Where
               << '\n';
      }
    }
    if (isFound(F, false)) {
      errs() << "cairn-mutate: " << F.getName() << " is not as it was\n";
      ++Missed;
    }
  }
  return Missed;
}

static void print(const std::vector<Row> &Table) {
  outs() << "| mutation | mutants | found | harmless | not found |\n|---|---|---|---|---|\n";
  Row Sum;
  std::map<std::string, unsigned> Reasons;
  for (unsigned K = 0; K != kMutationKinds; ++K) {
    const Row &R = Table[K];
    outs() << "| " << nameOf(MutationKind(K)) << " | " << R.Made << " | " << R.Found << " | "
           << R.Harmless << " | " << R.Missed << " |\n";
    Sum.Made += R.Made;
    Sum.Found += R.Found;
    Sum.Harmless += R.Harmless;
    Sum.Missed += R.Missed;
    for (auto &[Reason, N] : R.Reasons)
      Reasons[Reason] += N;
  }
  outs() << "| all | " << Sum.Made << " | " << Sum.Found << " | " << Sum.Harmless << " | "
         << Sum.Missed << " |\n";
  for (auto &[Reason, N] : Reasons)
    outs() << "harmless: " << N << ": " << Reason << '\n';
}

int main(int Count, char **Args) {
  SmallVector<StringRef> Files;
  StringRef Command = Count > 1 ? Args[1] : "", Passes, Prefix;
  CertifyOptions Options;
  bool Tabulate = false;
  for (StringRef Arg : ArrayRef(Args, Count).drop_front(std::min(Count, 2))) {
    if (Arg == "--plain")
      Options.Plain = PlainCounts = true;
    else if (Arg == "--table")
      Tabulate = true;
    else if (Arg.consume_front("--states=") && !Arg.getAsInteger(10, Options.MostStates))
      continue;
    else if (Arg.consume_front("--again=") && !Arg.getAsInteger(10, Options.MostStatesAgain))
      continue;
    else if (Arg.consume_front("--passes="))
      Passes = Arg;
    else if (Arg.consume_front("--write="))
      Prefix = Arg;
    else
      Files.push_back(Arg);
  }
  if (Files.empty() || (Command != "certify" && Command != "mutate")) {
    errs() << "usage: cairn-mutate certify|mutate [--plain] [--states=N] [--again=M] [--table] "
              "[--passes=LIST] FILE...\n";
    return 2;
  }
  unsigned Wrong = 0;
  std::vector<Row> Table(kMutationKinds);
  for (StringRef File : Files) {
    LLVMContext Context;
    SMDiagnostic Error;
    std::unique_ptr<Module> M = parseIRFile(File, Error, Context);
    if (!M) {
      Error.print("cairn-mutate", errs());
      return 2;
    }
    if (!Passes.empty() && !runPasses(*M, Passes))
      return 2;
    Wrong += Command == "certify" ? certify(*M, Options) : mutate(*M, Table, Prefix);
  }
  if (Tabulate)
    print(Table);
  return Wrong ? 1 : 0;
}

//===- main.cpp - Runs programs, interpreted, compiled, or both -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <chrono>

using namespace interp;
namespace cl = llvm::cl;

static cl::OptionCategory Category("Options");
static cl::list<std::string> Files(cl::Positional, cl::OneOrMore, cl::desc("FILE..."),
                                   cl::cat(Category));
static cl::opt<When>
    Compile("jit", cl::desc("Which functions to compile:"), cl::init(When::Hot), cl::cat(Category),
            cl::values(clEnumValN(When::Always, "always", "each before its first call"),
                       clEnumValN(When::Hot, "hot", "those that are called often (default)"),
                       clEnumValN(When::Never, "never", "none")));
static cl::opt<uint64_t> Threshold("threshold", cl::desc("Calls that make a function hot"),
                                   cl::init(200), cl::cat(Category));
static cl::opt<unsigned> Level("O", cl::Prefix, cl::desc("Optimise: 0 to 3 (default 2)"),
                               cl::init(2), cl::cat(Category));
static cl::opt<std::string> HeapSize("heap", cl::desc("Size of the heap, as 512k or 64m"),
                                     cl::value_desc("size"), cl::init("64m"), cl::cat(Category));
static cl::opt<bool> Checked("checked", cl::desc("Have the heap check every operation"),
                             cl::cat(Category));
static cl::opt<bool> Report("compiled", cl::desc("Say what was compiled"), cl::cat(Category));
static cl::opt<bool> Time("time",
                          cl::desc("Run each file in every mode, and print a table of times"),
                          cl::cat(Category));

/// Bytes, with k, m or g after them; false if it is not a size.
static bool parseSize(llvm::StringRef Text, size_t &Size) {
  unsigned Shift = Text.consume_back("k") ? 10 : Text.consume_back("m") ? 20 : 0;
  Shift = !Shift && Text.consume_back("g") ? 30 : Shift;
  return !Text.getAsInteger(10, Size) && Size <= (SIZE_MAX >> Shift) && (Size <<= Shift);
}

static void complain(llvm::StringRef File, int Line, const llvm::Twine &Text) {
  llvm::outs().flush();
  llvm::errs() << File << ':';
  if (Line)
    llvm::errs() << Line << ':';
  llvm::errs() << " error: " << Text << '\n';
}

/// Runs a file's forms on a heap of their own, which is empty afterwards. A form that
/// fails is reported, and the next one is run. True if all went well.
static bool runOn(cairn_heap *Heap, llvm::StringRef File, llvm::ArrayRef<Datum> Forms, When Mode,
                  llvm::raw_ostream &Out) {
  cairn::jit::SessionOptions SO;
  SO.Heap = Heap;
  SO.OptLevel = Level;
  auto Session = cairn::jit::Session::create(SO);
  if (!Session)
    return complain(File, 0, toString(Session.takeError())), false;
  bool Good = true;
  Interpreter I(Heap, **Session, {Mode, Threshold}, Out);
  for (const Datum &Form : Forms) {
    Diagnostic Problem;
    if (I.runForm(Form, Problem))
      continue;
    Good = false;
    complain(File, Problem.Line, Problem.Text);
  }
  if (Report)
    for (const Function &F : I.program().Functions)
      if (F.Compiled)
        llvm::errs() << "compiled " << F.Name << " after " << F.Calls - 1 << " calls\n";
  return Good;
}

static bool run(llvm::StringRef File, llvm::ArrayRef<Datum> Forms, When Mode,
                llvm::raw_ostream &Out) {
  cairn_heap_options HO = {0, "interpreter", Checked};
  if (!parseSize(HeapSize, HO.size))
    return complain(File, 0, "--heap=" + HeapSize + " is not a size"), false;
  cairn_heap *Heap = cairn_heap_create(&HO);
  if (!Heap)
    return complain(File, 0, "a heap of " + HeapSize + " cannot be made"), false;
  bool Good = runOn(Heap, File, Forms, Mode, Out);
  Out.flush();
  cairn_stats Left;
  cairn_stats_get(Heap, &Left);
  if (Left.live_objects || Left.live_blocks) {
    complain(File, 0,
             llvm::Twine(Left.live_objects) + " objects and " + llvm::Twine(Left.live_blocks) +
                 " blocks are left");
    Good = false;
  }
  if (!cairn_heap_check(Heap))
    Good = false;
  cairn_heap_destroy(Heap);
  return Good;
}

/// Seconds that the file takes, what it prints going to Out.
static double time(llvm::StringRef File, llvm::ArrayRef<Datum> Forms, When Mode, std::string &Out,
                   bool &Good) {
  auto Start = std::chrono::steady_clock::now();
  llvm::raw_string_ostream OS(Out);
  Good &= run(File, Forms, Mode, OS);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - Start).count();
}

/// A row of the table; the best of three runs in each mode.
static bool compare(llvm::StringRef File, llvm::ArrayRef<Datum> Forms) {
  const When Modes[] = {When::Never, When::Hot, When::Always};
  double Best[3] = {1e9, 1e9, 1e9};
  std::string First;
  bool Good = true, Same = true;
  for (int Round = 0; Round < 3; ++Round)
    for (int Mode = 0; Mode < 3; ++Mode) {
      std::string Out;
      Best[Mode] = std::min(Best[Mode], time(File, Forms, Modes[Mode], Out, Good));
      if (Round + Mode == 0)
        First = Out;
      Same &= Out == First;
    }
  llvm::outs() << llvm::formatv("{0,-28}", llvm::sys::path::filename(File));
  for (double Seconds : Best)
    llvm::outs() << llvm::format(" %9.3f", Seconds);
  llvm::outs() << llvm::format(" %8.1fx", Best[0] / Best[1])
               << (Same ? "  same output, empty heap\n" : "  OUTPUT DIFFERS\n");
  return Good && Same;
}

int main(int ArgCount, char **Arguments) {
  llvm::InitLLVM X(ArgCount, Arguments);
  cl::HideUnrelatedOptions(Category);
  cl::ParseCommandLineOptions(ArgCount, Arguments,
                              "Runs programs on a Cairn heap, the hot functions compiled\n");
  if (Level > 3)
    return complain("-O", 0, "there are levels 0 to 3"), 1;
  if (Time)
    llvm::outs() << "seconds                       never       hot    always   never/hot\n";
  bool Good = true;
  for (const std::string &File : Files) {
    auto Text = llvm::MemoryBuffer::getFileOrSTDIN(File, /*IsText=*/true);
    if (!Text) {
      complain(File, 0, Text.getError().message());
      Good = false;
      continue;
    }
    std::vector<Datum> Forms;
    Diagnostic Problem;
    if (!read((*Text)->getBuffer(), Forms, Problem)) {
      complain(File, Problem.Line, Problem.Text);
      Good = false;
    } else {
      Good &= Time ? compare(File, Forms) : run(File, Forms, Compile, llvm::outs());
    }
  }
  return Good ? 0 : 1;
}

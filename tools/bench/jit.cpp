//===- jit.cpp - The ORC host's figures -----------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints three tables: programs built ahead of time and run in the JIT, rounds of both
// alternating; how long a session and its small modules take, beside a session of LLVM's
// LLJIT without Cairn, alternating; and what 10,000 modules leave in memory. Figures are
// medians.
//
//   cairn-bench-jit [ROUNDS [MODULES]]   0 leaves a table out
//   cairn-bench-jit --start              the sessions alone, as a line of JSON a level
//
//===----------------------------------------------------------------------===//

#include "cairn/jit.h"
#include "plain_session.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

using cairn::jit::Session;

static double median(std::vector<double> All) {
  std::sort(All.begin(), All.end());
  return All[All.size() / 2];
}

static double processorMs() {
  timespec T;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &T);
  return double(T.tv_sec) * 1e3 + double(T.tv_nsec) / 1e6;
}

class Stopwatch {
  std::chrono::steady_clock::time_point Start = std::chrono::steady_clock::now();
  double Processor = processorMs();

public:
  double ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - Start)
        .count();
  }
  /// What the process used of it: less on a machine that is busy otherwise.
  double used() const { return processorMs() - Processor; }
};

[[noreturn]] static void stop(const std::string &Why) {
  std::fprintf(stderr, "cairn-bench-jit: %s\n", Why.c_str());
  std::exit(1);
}

static std::string outputOf(const std::string &Command) {
  FILE *Pipe = popen(Command.c_str(), "r");
  if (!Pipe)
    stop("no pipe to " + Command);
  std::string Text;
  char Buffer[256];
  while (std::fgets(Buffer, sizeof Buffer, Pipe))
    Text += Buffer;
  if (pclose(Pipe) != 0)
    stop("failed: " + Command);
  return Text;
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// One run: the time comes first, from stderr, which has no buffer.
static double run(const std::string &Command, std::string &Result) {
  std::string Text = outputOf(Command + " 2>&1");
  size_t Line = Text.find('\n') + 1;
  if (!Result.empty() && Result != Text.substr(Line))
    stop("another result: " + Command);
  Result = Text.substr(Line);
  return std::atof(Text.c_str());
}

static void comparePrograms(unsigned Rounds) {
  std::printf("%-10s %12s %12s %10s  (work alone, ms of processor time; -O2)\n", "program", "AOT",
              "JIT", "JIT / AOT");
  char Directory[] = "/tmp/cairn-bench-XXXXXX";
  if (!mkdtemp(Directory))
    stop("no temporary directory");
  const std::string Driver = CAIRN_DRIVER;
  for (const char *Name : {"lists", "trees", "blocks", "threads"}) {
    std::string Source = std::string(CAIRN_PROGRAMS) + "/" + Name + ".c";
    std::string Program = std::string(Directory) + "/" + Name;
    outputOf(Driver + " build -O2 " + Source + " -o " + Program);
    std::vector<double> Ahead, Just, Ratio;
    std::string Result;
    for (unsigned I = 0; I < Rounds; ++I) {
      Ahead.push_back(run(Program, Result));
      Just.push_back(run(Driver + " run -O2 " + Source, Result));
    }
    unlink(Program.c_str());
    std::printf("%-10s %12.0f %12.0f %10.3f\n", Name, median(Ahead), median(Just),
                median(Just) / median(Ahead));
    std::fflush(stdout);
  }
  rmdir(Directory);
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

/// A module with a small function: an object made, written, read and dropped.
static std::string small(unsigned I) {
  return "declare ptr @cairn.alloc.bytes(i64)\n"
         "declare void @cairn.decref(ptr)\n"
         "define i64 @f" +
         std::to_string(I) +
         "(i64 %x) {\n"
         "  %p = call ptr @cairn.alloc.bytes(i64 24)\n"
         "  store volatile i64 %x, ptr %p\n"
         "  %y = load volatile i64, ptr %p\n"
         "  call void @cairn.decref(ptr %p)\n"
         "  ret i64 %y\n"
         "}\n";
}

static std::unique_ptr<Session> session(unsigned Level) {
  auto S = Session::create({.OptLevel = Level});
  if (!S)
    stop(toString(S.takeError()));
  return std::move(*S);
}

static void call(Session &S, unsigned I) {
  if (llvm::Error E = S.add("m" + std::to_string(I), small(I)))
    stop(toString(std::move(E)));
  auto F = S.function<uint64_t(uint64_t)>("f" + std::to_string(I));
  if (!F)
    stop(toString(F.takeError()));
  if ((*F)(I + 5) != I + 5)
    stop("a wrong result");
}

/// In a process of its own: from nothing.
static void first(unsigned Level, bool Plain) {
  Stopwatch Watch;
  std::unique_ptr<Session> S; // neither session's end is timed
  std::shared_ptr<void> Other;
  if (Plain) {
    Other = plainFirstCall(Level);
  } else {
    S = session(Level);
    call(*S, 0);
  }
  std::printf("%f %f\n", Watch.ms(), Watch.used());
}

/// Milliseconds of sessions in processes of their own, elapsed and of the processor.
struct Starts {
  std::vector<double> Elapsed, Used;
  void add(const std::string &Self, const char *Which, unsigned Level) {
    std::string Text = outputOf(Self + " " + Which + " " + std::to_string(Level));
    char *Next;
    Elapsed.push_back(std::strtod(Text.c_str(), &Next));
    Used.push_back(std::strtod(Next, nullptr));
  }
};

/// Sessions with Cairn and without it in turn. The ratio is the median of the rounds'.
struct Comparison {
  Starts Cairn, Plain;
  double Ratio = 0;
  Comparison(const std::string &Self, unsigned Level, unsigned Rounds) {
    std::vector<double> Ratios;
    for (unsigned I = 0; I < Rounds; ++I) {
      Cairn.add(Self, "first", Level);
      Plain.add(Self, "plain", Level);
      Ratios.push_back(Cairn.Used.back() / Plain.Used.back());
    }
    Ratio = median(Ratios);
  }
};

static void timeModules(const char *Self) {
  std::printf("\n%-8s %33s %33s %7s %29s\n%-8s %16s %16s %16s %16s %7s %14s %14s\n", "",
              "nothing to first call, ms", "the same without Cairn", "", "each further module, ms",
              "level", "elapsed", "processor", "elapsed", "processor", "ratio", "elapsed",
              "processor");
  for (unsigned Level = 0; Level <= 3; ++Level) {
    Comparison First(Self, Level, 15);
    std::vector<double> Further, FurtherUsed;
    auto S = session(Level);
    call(*S, 0);
    for (unsigned I = 1; I <= 200; ++I) {
      Stopwatch Watch;
      call(*S, I);
      Further.push_back(Watch.ms());
      FurtherUsed.push_back(Watch.used());
    }
    std::printf("-O%-6u %16.1f %16.1f %16.1f %16.1f %7.2f %14.2f %14.2f\n", Level,
                median(First.Cairn.Elapsed), median(First.Cairn.Used), median(First.Plain.Elapsed),
                median(First.Plain.Used), First.Ratio, median(Further), median(FurtherUsed));
    std::fflush(stdout);
  }
}

static void printStarts(const char *Self) {
  for (unsigned Level = 0; Level <= 3; ++Level) {
    Comparison C(Self, Level, 11);
    std::printf("{\"level\": %u, \"cairn\": %.3f, \"without\": %.3f, \"ratio\": %.4f}\n", Level,
                median(C.Cairn.Used), median(C.Plain.Used), C.Ratio);
    std::fflush(stdout);
  }
}

static double residentMiB() {
  std::ifstream Statm("/proc/self/statm");
  size_t Size = 0, Resident = 0;
  Statm >> Size >> Resident;
  return double(Resident) * double(sysconf(_SC_PAGESIZE)) / 1048576;
}

static void keepModules(unsigned Modules) {
  auto S = session(2);
  double After = 0;
  Stopwatch Watch;
  for (unsigned I = 0; I < Modules; ++I) {
    call(*S, I);
    if (llvm::Error E = S->remove("m" + std::to_string(I)))
      stop(toString(std::move(E)));
    if (I + 1 == Modules / 10)
      After = residentMiB();
  }
  double End = residentMiB();
  std::printf("\n%u modules added, called and removed in %.1f s: resident after a tenth %.1f MiB, "
              "at the end %.1f MiB (%+.1f%%)\n",
              Modules, Watch.ms() / 1e3, After, End, (End / After - 1) * 100);
}

int main(int argc, char **argv) {
  if (argc == 3 && (!std::strcmp(argv[1], "first") || !std::strcmp(argv[1], "plain"))) {
    first(unsigned(std::atoi(argv[2])), argv[1][0] == 'p');
    return 0;
  }
  if (argc == 2 && !std::strcmp(argv[1], "--start")) {
    printStarts(argv[0]);
    return 0;
  }
  unsigned Rounds = argc > 1 ? unsigned(std::atoi(argv[1])) : 9;
  unsigned Modules = argc > 2 ? unsigned(std::atoi(argv[2])) : 10000;
  if (Rounds)
    comparePrograms(Rounds);
  timeModules(argv[0]);
  if (Modules)
    keepModules(Modules);
  return 0;
}

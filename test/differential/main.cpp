//===- main.cpp - cairn-differ ----------------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   cairn-differ generate [option...] DIRECTORY
//       writes program.c and program.ll, and prints what they must print
//   cairn-differ run [option...]
//       interprets the program through the C API
//
// --seed N, --operations N, --workers N (random if not given), --helpers N and
// --fault KIND name the program.
//
//===----------------------------------------------------------------------===//
#include "program.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <optional>

using namespace differential;

namespace {

struct Options {
  std::string command, directory;
  uint64_t seed = 1, operations = 1000000;
  int workers = -1;
  unsigned helpers = 10;
  Fault fault = Fault::None;
};

constexpr const char *kFaults[] = {"none",        "lost-decref",  "double-decref",
                                   "wrong-child", "missed-share", "wrong-size"};

std::optional<Options> parse(int argc, char **argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    std::string arg = argv[i];
    if (arg.rfind("--", 0) != 0) {
      (o.command.empty() ? o.command : o.directory) = arg;
      continue;
    }
    if (++i == argc)
      return std::nullopt;
    uint64_t n = strtoull(argv[i], nullptr, 10);
    if (arg == "--seed") {
      o.seed = n;
    } else if (arg == "--operations") {
      o.operations = n;
    } else if (arg == "--workers") {
      o.workers = int(n);
    } else if (arg == "--helpers") {
      o.helpers = unsigned(n);
    } else if (arg == "--fault") {
      unsigned kind = 0;
      while (kind < 6 && strcmp(kFaults[kind], argv[i]) != 0)
        ++kind;
      if (kind == 6)
        return std::nullopt;
      o.fault = Fault(kind);
    } else {
      return std::nullopt;
    }
  }
  if (o.command != "run" && !(o.command == "generate" && !o.directory.empty()))
    return std::nullopt;
  return o;
}

/// The statements that the fault can be planted in and that were executed.
void forEachSite(const std::vector<Stmt> &body, Fault fault, const Outcome &clean,
                 const std::function<void(const Stmt &)> &visit) {
  for (const Stmt &s : body) {
    bool fits = fault == Fault::WrongChild    ? s.op == Op::Store && s.alt >= 0
                : fault == Fault::WrongSize   ? s.op == Op::RawFree && s.flags & kSized
                : fault == Fault::MissedShare ? s.op == Op::Build
                                              : s.op == Op::Drop;
    if (fits && clean.hits[s.site])
      visit(s);
    forEachSite(s.body, fault, clean, visit);
    forEachSite(s.els, fault, clean, visit);
  }
}

/// Chooses where the fault goes; false if the program has no place for it.
bool plant(Program &p, Fault fault, const Outcome &clean) {
  std::vector<unsigned> sites;
  for (const Function &f : p.functions)
    forEachSite(f.body, fault, clean, [&](const Stmt &s) { sites.push_back(s.site); });
  if (sites.empty())
    return false;
  p.fault = fault;
  if (fault == Fault::MissedShare) {
    p.faultSite = sites.front(); // the object that all threads get
    return p.workers > 0;
  }
  for (size_t i = 0; i < sites.size(); ++i) {
    p.faultSite = sites[(p.seed + i) % sites.size()];
    // Another child may be as good, where nobody looks: the model knows.
    if (fault != Fault::WrongChild || interpretModel(p, 0).line != clean.line)
      return true;
  }
  return false;
}

bool write(const std::string &path, const std::string &text) {
  std::ofstream out(path);
  out << text;
  return bool(out.flush());
}

} // namespace

int main(int argc, char **argv) {
  std::optional<Options> options = parse(argc, argv);
  if (!options) {
    fprintf(stderr, "usage: cairn-differ generate|run [--seed N] [--operations N] [--workers N]\n"
                    "       [--helpers N] [--fault KIND] [DIRECTORY]\n");
    return 2;
  }
  Program p;
  Outcome clean;
  // A program that needs too much memory is not tested: the next one is.
  for (uint64_t attempt = 0; attempt < 100; ++attempt) {
    p = generate(options->seed + (attempt << 40), options->workers, options->helpers);
    clean = interpretModel(p, options->operations);
    if (clean.peakBytes < (size_t(256) << 20))
      break;
  }
  if (!clean.sound) {
    fprintf(stderr, "the model's own heap is not sound: %s\n", clean.line.c_str());
    return 3;
  }
  p.roundCount = clean.rounds;
  if (options->fault != Fault::None && !plant(p, options->fault, clean)) {
    printf("no place for this fault\n");
    return 4;
  }
  if (options->command == "run")
    return interpretApi(p);
  if (!write(options->directory + "/program.c", emitC(p)) ||
      !write(options->directory + "/program.ll", emitIR(p))) {
    fprintf(stderr, "cannot write to %s\n", options->directory.c_str());
    return 1;
  }
  printf("%s\n%" PRIu64 " operations, %" PRIu64 " rounds, %" PRIu64 " workers, %u statements\n",
         clean.line.c_str(), clean.operations, clean.rounds, p.workers, p.sites);
  return 0;
}

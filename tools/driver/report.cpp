//===- report.cpp - cairn build --report: compiling for remarks ------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

#include <tuple>

using namespace llvm;

namespace cairn {

/// The user's flags, without those that write other files, or say again what was said.
static std::vector<std::string> quietFlags(const BuildOptions &options) {
  std::vector<std::string> flags;
  for (size_t i = 0; i != options.flags.size(); ++i) {
    StringRef flag = options.flags[i];
    if (is_contained({"-MF", "-MT", "-MQ", "-MJ", "--serialize-diagnostics", "-dependency-file"},
                     flag)) {
      ++i;
      continue;
    }
    if (flag.starts_with("-M") || flag.starts_with("-Rpass") || flag.starts_with("-flto") ||
        flag.starts_with("-save-temps") || flag.starts_with("-ftime-trace") || flag == "-c" ||
        flag == "-S" || flag == "-emit-llvm" || flag == "-v")
      continue;
    flags.push_back(flag.str());
  }
  return flags;
}

int report(const BuildOptions &options, const std::vector<std::string> &command,
           StringRef temporary) {
  std::vector<ReportedFunction> functions;
  unsigned number = 0;
  for (const Input &input : options.inputs) {
    if (!isSource(input))
      continue;
    const std::string base = (temporary + "/report" + Twine(number++)).str();
    std::vector<std::string> words = command;
    // Remarks name files without the directory that debug information has, and clang takes what a
    // path shares with that out of it.
    words.push_back("-fdebug-compilation-dir=/");
    append_range(words, quietFlags(options));
    words.insert(words.end(), {"-w", "-c", "-fsave-optimization-record=yaml",
                               "-foptimization-record-file=" + base + ".yaml",
                               "-foptimization-record-passes=^cairn-"});
    if (!input.language.empty())
      words.insert(words.end(), {"-x", input.language});
    words.insert(words.end(), {input.path, "-o", base + ".o"});
    if (options.verbose)
      printCommand(words);
    if (int status = runClang(words, temporary))
      return status;
    if (!readRemarks(base + ".yaml", functions))
      return 1;
  }
  sort(functions, [](const ReportedFunction &a, const ReportedFunction &b) {
    const size_t as = a.notes.size(), bs = b.notes.size();
    return std::tie(b.cost, bs, a.name, a.first) < std::tie(a.cost, as, b.name, b.first);
  });
  StringRef ending = sys::path::extension(options.report);
  const bool yaml = ending == ".yaml" || ending == ".yml";
  return (yaml ? writeYaml(options.report, std::move(functions))
               : writePage(options.report, functions))
             ? 0
             : 1;
}

} // namespace cairn

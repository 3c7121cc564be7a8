//===- report.h - cairn build --report: what the optimiser left -----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's file of remarks (YAML) is read into functions with notes, and these are written as a
// page of HTML (one file, without scripts, and nothing is loaded from elsewhere), or as YAML for
// other programs.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TOOLS_DRIVER_REPORT_H
#define CAIRN_TOOLS_DRIVER_REPORT_H

#include "driver.h"

#include "llvm/ADT/ArrayRef.h"

namespace cairn {

/// A remark about one place.
struct Note {
  enum Kind {
    Left,   ///< A count, an allocation, a release.
    Shared, ///< The same, only where an object has other owners.
    Reuse,
    Done,   ///< An optimisation that was made.
    Missed, ///< One that was not, with the reason.
    Decided ///< Why something is as it is.
  } kind;
  std::string pass, name, text, file;
  unsigned line = 0; ///< 0: there is no debug information.
};

/// What is known of one function.
struct ReportedFunction {
  std::string name, file;       ///< As the program wrote the name.
  unsigned first = 0, last = 0; ///< Lines; 0: there is no debug information.
  uint64_t cost = 0;            ///< As lowering/opt/Left.h weighs it.
  unsigned counts = 0, allocations = 0, reuses = 0;
  bool exists = false; ///< Code of it is left.
  bool inPlace = false, notInPlace = false;
  std::vector<Note> notes;
};

/// Adds the functions of the file of remarks at \p path that have notes. False after a message.
bool readRemarks(const std::string &path, std::vector<ReportedFunction> &functions);

/// Writes the page, with the functions in their order. False after a message.
bool writePage(const std::string &path, llvm::ArrayRef<ReportedFunction> functions);

/// Writes the same as YAML. False after a message.
bool writeYaml(const std::string &path, std::vector<ReportedFunction> functions);

/// Compiles each source of \p options once more, by \p command and the flags, for its remarks, and
/// writes the file options.report: YAML if its name ends in .yaml or .yml, else the page. Returns
/// 0 or 1.
int report(const BuildOptions &options, const std::vector<std::string> &command,
           llvm::StringRef temporary);

} // namespace cairn

#endif // CAIRN_TOOLS_DRIVER_REPORT_H

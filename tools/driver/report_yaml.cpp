//===- report_yaml.cpp - cairn build --report=FILE.yaml --------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The report for programs: a document with the list of functions, in the order of the page.
// docs/what-is-left.md describes its keys; they are a promise, as other people's tools read them.
//
//===----------------------------------------------------------------------===//

#include "report.h"

#include "llvm/Support/YAMLTraits.h"

using namespace llvm;
using cairn::Note;
using cairn::ReportedFunction;

LLVM_YAML_IS_SEQUENCE_VECTOR(Note)
LLVM_YAML_IS_SEQUENCE_VECTOR(ReportedFunction)

namespace llvm::yaml {

template <> struct ScalarEnumerationTraits<Note::Kind> {
  static void enumeration(IO &io, Note::Kind &kind) {
    io.enumCase(kind, "left", Note::Left);
    io.enumCase(kind, "shared", Note::Shared);
    io.enumCase(kind, "reuse", Note::Reuse);
    io.enumCase(kind, "done", Note::Done);
    io.enumCase(kind, "missed", Note::Missed);
    io.enumCase(kind, "decided", Note::Decided);
  }
};

/// What has no debug information has neither file nor line.
template <> struct MappingTraits<Note> {
  static void mapping(IO &io, Note &note) {
    io.mapRequired("kind", note.kind);
    io.mapRequired("pass", note.pass);
    io.mapRequired("name", note.name);
    io.mapOptional("file", note.file, std::string());
    io.mapOptional("line", note.line, 0u);
    io.mapRequired("text", note.text);
  }
};

template <> struct MappingTraits<ReportedFunction> {
  static void mapping(IO &io, ReportedFunction &f) {
    io.mapRequired("function", f.name);
    io.mapOptional("file", f.file, std::string());
    io.mapOptional("first-line", f.first, 0u);
    io.mapOptional("last-line", f.last, 0u);
    io.mapRequired("cost", f.cost);
    io.mapRequired("counts", f.counts);
    io.mapRequired("allocations", f.allocations);
    io.mapRequired("reuses", f.reuses);
    io.mapRequired("in-place", f.inPlace);
    io.mapRequired("notes", f.notes);
  }
};

} // namespace llvm::yaml

namespace cairn {

bool writeYaml(const std::string &path, std::vector<ReportedFunction> functions) {
  return writeFile(path, [&](raw_ostream &os) {
    yaml::Output yaml(os);
    yaml << functions;
  });
}

} // namespace cairn

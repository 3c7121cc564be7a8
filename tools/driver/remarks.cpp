//===- remarks.cpp - cairn build --report: reading what passes said --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/Remarks/Remark.h"
#include "llvm/Remarks/RemarkFormat.h"
#include "llvm/Remarks/RemarkParser.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;

namespace cairn {

namespace {

/// The pass that says what is left (lowering/opt/Left.cpp), and the one that says what works in
/// place (lowering/opt/InPlace.cpp).
constexpr StringLiteral kLeft = "cairn-left", kInPlace = "cairn-in-place";

uint64_t number(const remarks::Remark &remark, StringRef key) {
  uint64_t value = 0;
  for (const remarks::Argument &argument : remark.Args)
    if (argument.Key == key)
      argument.Val.getAsInteger(10, value);
  return value;
}

/// A name without its mangling, and without the address space in which references are.
std::string asWritten(StringRef name) {
  const std::string whole = demangle(name.str());
  std::string text;
  for (StringRef rest = whole; !rest.empty();) {
    if (rest.consume_front(" AS"))
      rest = rest.ltrim("0123456789");
    if (!rest.empty())
      text += rest.front();
    rest = rest.drop_front(!rest.empty());
  }
  return text;
}

/// The message, with names as the program wrote them, and without the numbers that are for us.
/// LLVM's parser leaves quotes doubled, as YAML writes them.
std::string textOf(const remarks::Remark &remark) {
  std::string text;
  for (const remarks::Argument &argument : remark.Args)
    if (remark.PassName != kLeft || argument.Key == "String")
      text += argument.Val.starts_with("_Z") ? asWritten(argument.Val) : argument.Val.str();
  for (size_t at = 0; (at = text.find("''", at)) != std::string::npos; ++at)
    text.erase(at, 1);
  return text;
}

Note::Kind kindOf(const remarks::Remark &remark, StringRef text) {
  if (remark.PassName == kLeft)
    return remark.RemarkName == "Reuse" ? Note::Reuse
           : text.contains("shared")    ? Note::Shared
                                        : Note::Left;
  if (remark.RemarkType == remarks::Type::Passed)
    return Note::Done;
  return remark.RemarkType == remarks::Type::Missed ? Note::Missed : Note::Decided;
}

void add(ReportedFunction &f, const remarks::Remark &remark) {
  if (remark.PassName == kLeft && remark.RemarkName == "Function") {
    f.exists = true;
    f.cost = number(remark, "Cost");
    if (remark.Loc) {
      f.file = remark.Loc->SourceFilePath.str();
      f.first = unsigned(number(remark, "FirstLine"));
      f.last = std::max(f.first, unsigned(number(remark, "LastLine")));
    }
    return;
  }
  Note note;
  note.text = textOf(remark);
  note.kind = kindOf(remark, note.text);
  note.pass = remark.PassName.str();
  note.name = remark.RemarkName.str();
  if (remark.Loc) {
    note.file = remark.Loc->SourceFilePath.str();
    note.line = remark.Loc->SourceLine;
  }
  if (note.kind == Note::Left || note.kind == Note::Shared)
    ++(note.name == "Retain" || note.name == "Release" ? f.counts : f.allocations);
  f.reuses += note.kind == Note::Reuse;
  if (remark.PassName == kInPlace)
    (note.kind == Note::Done ? f.inPlace : f.notInPlace) = true;
  f.notes.push_back(std::move(note));
}

} // namespace

bool readRemarks(const std::string &path, std::vector<ReportedFunction> &functions) {
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer) {
    fail(path + ": " + buffer.getError().message());
    return false;
  }
  if ((*buffer)->getBuffer().empty())
    return true;
  auto parser = remarks::createRemarkParser(remarks::Format::YAML, (*buffer)->getBuffer());
  if (!parser) {
    fail(path + ": " + toString(parser.takeError()));
    return false;
  }
  StringMap<size_t> index;
  std::vector<ReportedFunction> found;
  for (;;) {
    auto remark = (*parser)->next();
    if (!remark) {
      Error error = remark.takeError();
      if (error.isA<remarks::EndOfFileError>()) {
        consumeError(std::move(error));
        break;
      }
      fail(path + ": " + toString(std::move(error)));
      return false;
    }
    auto [at, isNew] = index.try_emplace((*remark)->FunctionName, found.size());
    if (isNew) {
      found.emplace_back();
      found.back().name = asWritten((*remark)->FunctionName);
    }
    add(found[at->second], **remark);
  }
  // A function of a header is in each source's file.
  for (ReportedFunction &f : found)
    if (!f.notes.empty() && none_of(functions, [&](const ReportedFunction &other) {
          return f.first && other.first == f.first && other.file == f.file && other.name == f.name;
        }))
      functions.push_back(std::move(f));
  return true;
}

} // namespace cairn

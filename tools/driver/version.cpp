//===- version.cpp - Which LLVM a program is of ---------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// clang and the linkers are asked for their version where they may be another LLVM's:
// where the user names the program, or where it comes from PATH by a name that has no number.
//
//===----------------------------------------------------------------------===//

#include "driver.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

#include <optional>

using namespace llvm;

namespace cairn {

/// A program that does not answer in this time is taken to be one that has no version.
constexpr unsigned kSeconds = 10;

std::string answerOf(const std::string &program, StringRef question) {
  SmallString<128> file;
  if (sys::fs::createTemporaryFile("cairn", "answer", file))
    return "";
  std::optional<StringRef> streams[] = {StringRef(""), StringRef(file), StringRef("")};
  int status = sys::ExecuteAndWait(program, {program, question}, std::nullopt, streams, kSeconds);
  auto text = MemoryBuffer::getFile(file);
  sys::fs::remove(file);
  return status || !text ? "" : (*text)->getBuffer().trim().str();
}

bool checkVersion(const std::string &program, StringRef question, const Twine &what,
                  const Twine &help) {
  std::string answer = answerOf(program, question);
  SmallVector<StringRef> words;
  StringRef(answer).split(words, ' ');
  auto version = find_if(words, [](StringRef word) { return !word.empty() && isDigit(word[0]); });
  unsigned major = 0;
  if (version == words.end() || StringRef(*version).consumeInteger(10, major) ||
      Twine(major).str() == CAIRN_LLVM_MAJOR)
    return true;
  fail(what + " is version " + *version + ", and this cairn is for LLVM " CAIRN_LLVM_MAJOR + help);
  return false;
}

} // namespace cairn

//===- ir.cpp - IR text through the pipeline ----------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A libFuzzer target (docs/testing.md). The input is IR as text, and its corpus the lit
// tests'. Bytes that change at random are seldom IR: what changes is lines, and the words in
// them, for others of the same text or of the intrinsics.
//
//===----------------------------------------------------------------------===//

#include "pipeline.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/SourceMgr.h"

#include <cstring>
#include <random>
#include <string>
#include <vector>

using namespace llvm;

namespace {

constexpr const char *kWords[] = {"null",
                                  "undef",
                                  "poison",
                                  "zeroinitializer",
                                  "0",
                                  "1",
                                  "-1",
                                  "2147483648",
                                  "i1",
                                  "i32",
                                  "i64",
                                  "ptr",
                                  "ptr addrspace(77)",
                                  "void",
                                  "cairn-owned",
                                  "cairn-borrowed",
                                  "nounwind",
                                  "noreturn",
                                  "musttail call",
                                  "tail call",
                                  "call",
                                  "invoke",
                                  "load",
                                  "load atomic",
                                  "store volatile",
                                  "@cairn.incref",
                                  "@cairn.decref",
                                  "@cairn.ref.incref",
                                  "@cairn.ref.decref",
                                  "@cairn.alloc",
                                  "@cairn.malloc",
                                  "@cairn.free",
                                  "@cairn_malloc",
                                  "@cairn_free",
                                  "@cairn_alloc",
                                  "@cairn.alloc.bytes",
                                  "@cairn.alloc.array",
                                  "@cairn.share",
                                  "@cairn.is.unique"};

bool inWord(char c) { return isalnum(uint8_t(c)) || strchr("_.%@$-", c); }

struct Word {
  size_t at, size;
};
std::vector<Word> wordsOf(const std::string &text) {
  std::vector<Word> words;
  for (size_t i = 0; i < text.size();) {
    size_t from = i;
    while (i < text.size() && inWord(text[i]))
      ++i;
    if (i > from)
      words.push_back({from, i - from});
    else
      ++i;
  }
  return words;
}

std::vector<std::string> linesOf(const std::string &text) {
  std::vector<std::string> lines;
  for (size_t from = 0; from < text.size();) {
    size_t to = text.find('\n', from);
    to = to == std::string::npos ? text.size() : to;
    lines.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return lines;
}

std::string joined(const std::vector<std::string> &lines) {
  std::string text;
  for (const std::string &line : lines)
    text += line + '\n';
  return text;
}

size_t give(const std::string &text, uint8_t *data, size_t most) {
  size_t n = text.size() < most ? text.size() : most;
  memcpy(data, text.data(), n);
  return n;
}

} // namespace

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed) {
  std::minstd_rand random(seed);
  auto below = [&](size_t n) { return n ? size_t(random()) % n : 0; };
  if (below(20) == 0 || size < 2)
    return LLVMFuzzerMutate(data, size, most);
  std::string text(reinterpret_cast<char *>(data), size);
  if (below(3) == 0) {
    std::vector<std::string> lines = linesOf(text);
    size_t i = below(lines.size()), j = below(lines.size());
    switch (below(4)) {
    case 0:
      lines.erase(lines.begin() + long(i));
      break;
    case 1:
      lines.insert(lines.begin() + long(j), lines[i]);
      break;
    case 2:
      std::swap(lines[i], lines[j]);
      break;
    case 3:
      lines[i] = lines[j];
      break;
    }
    return give(joined(lines), data, most);
  }
  for (size_t times = 1 + below(2); times; --times) {
    std::vector<Word> words = wordsOf(text);
    if (words.empty())
      break;
    Word to = words[below(words.size())];
    // Most often another word of the same sort, so that what comes of it is IR.
    std::string with;
    for (unsigned tries = 0; tries < 16; ++tries) {
      Word from = words[below(words.size())];
      with = text.substr(from.at, from.size);
      if (with[0] == text[to.at])
        break;
    }
    if (below(4) == 0)
      with = kWords[below(std::size(kWords))];
    text.replace(to.at, to.size, with);
  }
  return give(text, data, most);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1,
                                            const uint8_t *data2, size_t size2, uint8_t *out,
                                            size_t most, unsigned seed) {
  std::minstd_rand random(seed);
  std::vector<std::string> a = linesOf({reinterpret_cast<const char *>(data1), size1});
  std::vector<std::string> b = linesOf({reinterpret_cast<const char *>(data2), size2});
  if (a.empty() || b.empty())
    return give(joined(a), out, most);
  size_t at = random() % a.size(), from = random() % b.size(), n = 1 + random() % 4;
  for (size_t k = 0; k < n && from + k < b.size(); ++k)
    a.insert(a.begin() + long(at + k), b[from + k]);
  return give(joined(a), out, most);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  LLVMContext context;
  SMDiagnostic error;
  if (auto module = fuzz::parse([&] { return parseAssemblyString(text, error, context); }))
    fuzz::runPipeline(std::move(module), unsigned(std::hash<std::string>()(text)));
  return 0;
}

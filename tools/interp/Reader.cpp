//===- Reader.cpp - Program text to data -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Reader.h"

#include "Value.h"
#include "llvm/ADT/StringExtras.h"

using namespace interp;
using llvm::StringRef;

namespace {

class Reader {
public:
  Reader(StringRef Text, Diagnostic &Problem) : Rest(Text), Problem(Problem) {}

  /// Skips blanks and comments; true if there is more.
  bool more() {
    while (!Rest.empty()) {
      if (Rest[0] == ';')
        Rest = Rest.drop_until([](char C) { return C == '\n'; });
      else if (llvm::isSpace(Rest[0]))
        take();
      else
        return true;
    }
    return false;
  }
  bool datum(Datum &D, unsigned Depth);

private:
  char take() {
    char C = Rest[0];
    Line += C == '\n';
    Rest = Rest.drop_front();
    return C;
  }
  bool fail(int At, const llvm::Twine &Text) {
    Problem = {At, Text.str()};
    return false;
  }
  bool list(Datum &D, unsigned Depth);
  bool string(Datum &D);
  bool atom(Datum &D);

  StringRef Rest;
  int Line = 1;
  Diagnostic &Problem;
};

} // namespace

bool Reader::datum(Datum &D, unsigned Depth) {
  D.Line = Line;
  if (!more())
    return fail(Line, "the text ends where an expression should be");
  D.Line = Line;
  if (Depth > kMaxNesting)
    return fail(Line, "lists nest deeper than " + llvm::Twine(kMaxNesting));
  switch (Rest[0]) {
  case '(':
    return list(D, Depth);
  case ')':
    return fail(Line, "a ')' without its '('");
  case '"':
    return string(D);
  case '\'':
    take();
    D.Items.resize(2);
    D.Items[0].K = Datum::Symbol;
    D.Items[0].Text = "quote";
    D.Items[0].Line = Line;
    return datum(D.Items[1], Depth + 1);
  default:
    return atom(D);
  }
}

bool Reader::list(Datum &D, unsigned Depth) {
  take();
  for (;;) {
    if (!more())
      return fail(D.Line, "a '(' without its ')'");
    if (Rest[0] == ')') {
      take();
      return true;
    }
    D.Items.emplace_back();
    if (!datum(D.Items.back(), Depth + 1))
      return false;
  }
}

bool Reader::string(Datum &D) {
  D.K = Datum::String;
  take();
  while (!Rest.empty()) {
    char C = take();
    if (C == '"')
      return true;
    if (C == '\\' && !Rest.empty()) {
      C = take();
      if (C != 'n' && C != '\\' && C != '"')
        return fail(Line, "no such escape in a string: \\n, \\\" and \\\\ are known");
      C = C == 'n' ? '\n' : C;
    }
    D.Text += C;
  }
  return fail(D.Line, "a string that does not end");
}

bool Reader::atom(Datum &D) {
  StringRef Word =
      Rest.take_until([](char C) { return llvm::isSpace(C) || StringRef("()\";'").contains(C); });
  Rest = Rest.drop_front(Word.size());
  if (Word == "#t" || Word == "#f") {
    D.K = Datum::Boolean;
    D.Number = Word == "#t";
    return true;
  }
  StringRef Digits = Word;
  if (Digits.starts_with("-") || Digits.starts_with("+"))
    Digits = Digits.drop_front();
  if (!Digits.empty() && llvm::all_of(Digits, llvm::isDigit)) {
    D.K = Datum::Integer;
    if (Word.ltrim('+').getAsInteger(10, D.Number) || D.Number > kMaxInteger ||
        D.Number < kMinInteger)
      return fail(Line, "integer out of range: " + Word);
    return true;
  }
  D.K = Datum::Symbol;
  D.Text = Word.str();
  return true;
}

bool interp::read(StringRef Text, std::vector<Datum> &Data, Diagnostic &Problem) {
  Reader R(Text, Problem);
  while (R.more()) {
    Data.emplace_back();
    if (!R.datum(Data.back(), 0))
      return false;
  }
  return true;
}

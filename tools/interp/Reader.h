//===- Reader.h - Program text to data -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_INTERP_READER_H
#define CAIRN_INTERP_READER_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace interp {

/// How deep lists and expressions may nest: what walks them recurses.
constexpr unsigned kMaxNesting = 500;

struct Datum {
  enum Kind { Integer, String, Symbol, Boolean, List } K = List;
  int Line = 0;
  int64_t Number = 0; ///< Or whether a boolean is true.
  std::string Text;   ///< Of a symbol or string.
  std::vector<Datum> Items;

  bool isSymbol(llvm::StringRef Name) const { return K == Symbol && Text == Name; }
  /// A list whose first item is this symbol.
  bool isForm(llvm::StringRef Name) const {
    return K == List && !Items.empty() && Items[0].isSymbol(Name);
  }
};

/// What is wrong with a program, and where.
struct Diagnostic {
  int Line = 0;
  std::string Text;
};

/// All data of a text; false, and a diagnostic, if it is malformed.
bool read(llvm::StringRef Text, std::vector<Datum> &Data, Diagnostic &Problem);

} // namespace interp

#endif // CAIRN_INTERP_READER_H

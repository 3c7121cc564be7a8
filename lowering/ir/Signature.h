//===- Signature.h - Signatures of intrinsics, as written in the table --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads "ptr (ptr type, size n)" when the table is compiled. A type that is not known, or
// a parenthesis that is missing, does not compile. Includes nothing of LLVM, so that a test
// can hold the table against the C headers.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_LOWERING_SIGNATURE_H
#define CAIRN_LOWERING_SIGNATURE_H

#include <string_view>

namespace cairn {

enum class SignatureType : unsigned char {
  Void,   ///< void
  Ptr,    ///< ptr
  Ref,    ///< ref: a managed reference (ir/Managed.h); in C a pointer with cairn_managed
  I1,     ///< i1, bool in C
  I8,     ///< i8
  I32,    ///< i32
  I64,    ///< i64
  Double, ///< double
  Size,   ///< size: i64 in IR, size_t in C
};

struct Signature {
  static constexpr unsigned kMostParams = 5;

  SignatureType Result = SignatureType::Void;
  SignatureType Params[kMostParams] = {};
  unsigned NumParams = 0;

  constexpr bool isVoid() const { return Result == SignatureType::Void; }
  bool operator==(const Signature &) const = default;
};

// Not constexpr: a call of one is the error that the compiler shows.
void noSuchType();
void notASignature(); ///< A result, a space, and the parameters in parentheses.

consteval SignatureType signatureTypeOf(std::string_view Word) {
  constexpr std::string_view Names[] = {"void", "ptr", "ref",    "i1",  "i8",
                                        "i32",  "i64", "double", "size"};
  for (unsigned I = 0; I != sizeof(Names) / sizeof(*Names); ++I)
    if (Names[I] == Word)
      return SignatureType(I);
  noSuchType();
  return SignatureType::Void;
}

/// Of "result (type name, ...)". The names of parameters are for the reader.
consteval Signature signatureOf(std::string_view Text) {
  Signature S;
  const auto Open = Text.find(" (");
  if (Open == Text.npos || Text.back() != ')')
    notASignature();
  S.Result = signatureTypeOf(Text.substr(0, Open));
  Text = Text.substr(Open + 2, Text.size() - Open - 3);
  while (!Text.empty()) {
    const auto Comma = Text.find(", ");
    const std::string_view Param = Text.substr(0, Comma);
    S.Params[S.NumParams++] = signatureTypeOf(Param.substr(0, Param.find(' ')));
    Text = Comma == Text.npos ? std::string_view() : Text.substr(Comma + 2);
  }
  return S;
}

} // namespace cairn

#endif // CAIRN_LOWERING_SIGNATURE_H

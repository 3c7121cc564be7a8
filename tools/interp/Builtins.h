//===- Builtins.h - Operations that are part of the language -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_INTERP_BUILTINS_H
#define CAIRN_INTERP_BUILTINS_H

#include "Value.h"

namespace interp {

class Interpreter;

/// The ones that compiled code does itself when it can.
enum class Op { None, Add, Sub, Mul, Div, Rem, Lt, Gt, Le, Ge, Eq, Cons, Head, Tail, IsNil, Not };

struct Builtin {
  const char *Name;
  unsigned Min, Max; ///< Arguments.
  Op Inline;
  /// Whether it always fails where compiled code does not do it itself.
  bool failsElsewhere() const;
  /// Borrows the arguments; the result is the caller's.
  Value (*Run)(Interpreter *I, int Line, const Value *Arguments, unsigned Count);
};

const Builtin *findBuiltin(llvm::StringRef Name);

} // namespace interp

#endif // CAIRN_INTERP_BUILTINS_H

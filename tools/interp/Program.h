//===- Program.h - A program as it is run -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The analyzer makes it; the evaluator walks it; the compiler turns it into IR.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_INTERP_PROGRAM_H
#define CAIRN_INTERP_PROGRAM_H

#include "Builtins.h"
#include "Value.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace interp {

/// Of one call, one lambda, one function's variables.
constexpr unsigned kMaxArguments = 64, kMaxCaptures = 64, kMaxVariables = 512;

struct Global {
  std::string Name;
  Value Current;
};

struct Node {
  enum Kind {
    Literal,
    Local,     ///< Slot
    Captured,  ///< Slot
    Self,      ///< The closure that runs.
    Global,    ///< Where
    SetLocal,  ///< Slot; value
    SetGlobal, ///< Where; value
    Define,    ///< Where; value
    If,        ///< condition, then, else
    While,     ///< condition, body
    Begin,     ///< expressions
    Let,       ///< Slot, the first of a run: one child each, then the body
    Lambda,    ///< Code
    Call,      ///< callee, arguments
    Builtin,   ///< Op; arguments
  } K;
  int Line;
  bool Tail = false; ///< A call whose result is the function's.
  unsigned Slot = 0;
  Value Constant = {}; ///< Borrowed from the interpreter's literals.
  interp::Global *Where = nullptr;
  const interp::Builtin *Op = nullptr;
  Function *Code = nullptr;
  std::vector<std::unique_ptr<Node>> Kids;

  Node(Kind K, int Line) : K(K), Line(Line) {}
};

/// A function that is compiled: takes the arguments, which it owns from then on.
using Entry = Value (*)(Closure *Self, Value *Arguments);

struct Function {
  struct Variable {
    std::string Name;
    bool Assigned = false, Captured = false;
  };

  unsigned Id = 0;
  std::string Name;
  std::string SelfName; ///< By which the body may call this very closure, or empty.
  int Line = 0;
  unsigned Parameters = 0;
  std::vector<Variable> Variables;             ///< A slot each, the parameters first.
  std::vector<std::unique_ptr<Node>> Captures; ///< Evaluated where the lambda is.
  std::vector<std::string> CaptureNames;
  std::unique_ptr<Node> Body;

  uint64_t Calls = 0;
  Entry Compiled = nullptr;
};

/// Functions and globals stay where they are: objects and compiled code point to them.
struct Program {
  std::deque<Function> Functions;
  std::deque<Global> Globals;
  std::map<std::string, Global *, std::less<>> ByName;
  std::vector<Value> Literals; ///< Owned.
};

} // namespace interp

#endif // CAIRN_INTERP_PROGRAM_H

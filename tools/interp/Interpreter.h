//===- Interpreter.h - Runs a program, part of it compiled -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_INTERP_INTERPRETER_H
#define CAIRN_INTERP_INTERPRETER_H

#include "Compiler.h"
#include "Program.h"
#include "Reader.h"
#include "llvm/ADT/Twine.h"

namespace interp {

enum class When { Always, Hot, Never };

struct Options {
  When Compile = When::Hot;
  uint64_t Threshold = 200; ///< Calls that make a function hot.
};

class Interpreter {
public:
  Interpreter(cairn_heap *Heap, cairn::jit::Session &Session, const Options &O,
              llvm::raw_ostream &Out);
  /// Gives back globals and literals: the heap is empty then.
  ~Interpreter();

  /// Runs one form of a text; false, and a diagnostic, if it ends with an error. What
  /// it did before stays done, and another form may be run.
  bool runForm(const Datum &Form, Diagnostic &Error);

  /// Calls `CalleeAndArguments[0]` with the `Count` values that follow; all are
  /// consumed. Runs tail calls to their end.
  Value call(Value *CalleeAndArguments, unsigned Count, int Line);
  /// Remembers a call for whoever called the function that makes it.
  Value tailCall(const Value *CalleeAndArguments, unsigned Count, int Line);
  /// Runs what tailCall remembered.
  Value finish();
  /// Sets the diagnostic.
  Value fail(int Line, const llvm::Twine &Text);

  cairn_heap *heap() const { return Heap; }
  llvm::raw_ostream &out() { return Out; }
  char *const *stackLimit() const { return &StackLimit; }
  const Program &program() const { return P; }

private:
  Value enter(Closure &C, Value *Arguments);
  Value interpret(Function &F, Closure *Self, const Value *Arguments);
  Value eval(const Node &N, Value *Slots, Closure *Self);
  Value evalCall(const Node &N, Value *Slots, Closure *Self);
  Value evalBuiltin(const Node &N, Value *Slots, Closure *Self);
  Value evalLambda(const Node &N, Value *Slots, Closure *Self);
  bool evalAll(const Node *const *Nodes, unsigned Count, Value *To, Value *Slots, Closure *Self);
  bool isHot(Function &F);
  bool compile(Function &F);
  uint64_t reclaim();

  cairn_heap *Heap;
  cairn::jit::Session &Session;
  Options O;
  llvm::raw_ostream &Out;
  Program P;
  Compiler Code;
  char *StackLimit; ///< Below it a call fails.
  Diagnostic Problem;
  struct {
    Value Callee = {};
    Value Arguments[kMaxArguments] = {};
    unsigned Count = 0;
    int Line = 0;
  } Pending;
};

} // namespace interp

#endif // CAIRN_INTERP_INTERPRETER_H

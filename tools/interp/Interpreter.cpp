//===- Interpreter.cpp - Runs a program, part of it compiled -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The evaluator walks nodes with the variables of a function in an array on the
// stack. A call in tail position is not made: it is returned, as TailCall, and made by
// the caller's loop. Compiled code does the same, so that loops written as tail calls
// run in constant stack whichever way each of their functions is run, and a loop goes
// over to compiled code at its next turn.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "Analyzer.h"
#include "llvm/Support/FormatVariadic.h"

#include <sys/resource.h>

using namespace interp;

/// Where a function may no longer be called: the rest of the stack is for what the
/// evaluator and the compiler do within one call.
static char *findStackLimit() {
  constexpr size_t kRest = size_t(2) << 20, kMost = size_t(64) << 20;
  rlimit Limit;
  size_t Size = size_t(8) << 20;
  if (getrlimit(RLIMIT_STACK, &Limit) == 0 && Limit.rlim_cur != RLIM_INFINITY)
    Size = std::min(size_t(Limit.rlim_cur), kMost);
  return static_cast<char *>(__builtin_frame_address(0)) - (Size - std::min(kRest, Size / 2));
}

Interpreter::Interpreter(cairn_heap *Heap, cairn::jit::Session &Session, const Options &O,
                         llvm::raw_ostream &Out)
    : Heap(Heap), Session(Session), O(O), Out(Out), Code(Session, *this),
      StackLimit(findStackLimit()) {}

Interpreter::~Interpreter() {
  for (Global &G : P.Globals)
    release(G.Current);
  for (Value V : P.Literals)
    release(V);
}

bool Interpreter::runForm(const Datum &Form, Diagnostic &Error) {
  Function *F = analyze(Form, P, Heap, Error);
  if (!F)
    return false;
  Value Result = constant(kFailed);
  cairn::jit::Abandoned Left;
  llvm::Error Exhausted = Session.guard(
      [&] {
        Result = interpret(*F, nullptr, nullptr);
        if (is(Result, kTailCall))
          Result = finish();
      },
      &Left);
  if (Exhausted) {
    const uint64_t Released = reclaim();
    Error = {Form.Line,
             llvm::formatv("{0}; the call had made {1} objects, and {2} references of its "
                           "frames are released",
                           toString(std::move(Exhausted)), Left.Objects, Released)};
    return false;
  }
  if (is(Result, kFailed)) {
    Error = Problem;
    return false;
  }
  release(Result);
  return true;
}

Value Interpreter::fail(int Line, const llvm::Twine &Text) {
  Problem = {Line, Text.str()};
  return constant(kFailed);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

static void releaseAll(const Value *Values, unsigned Count) {
  while (Count)
    release(Values[--Count]);
}

Value Interpreter::tailCall(const Value *CalleeAndArguments, unsigned Count, int Line) {
  Pending.Callee = CalleeAndArguments[0];
  std::copy_n(CalleeAndArguments + 1, Count, Pending.Arguments);
  Pending.Count = Count;
  Pending.Line = Line;
  return constant(kTailCall);
}

Value Interpreter::call(Value *CalleeAndArguments, unsigned Count, int Line) {
  tailCall(CalleeAndArguments, Count, Line);
  return finish();
}

Value Interpreter::finish() {
  for (;;) {
    Value Callee = Pending.Callee, Result;
    if (!is(Callee, kClosure)) {
      releaseAll(Pending.Arguments, Pending.Count);
      Result = fail(Pending.Line, "what is called is not a function");
    } else if (const Function &F = *closure(Callee).Code; F.Parameters != Pending.Count) {
      releaseAll(Pending.Arguments, Pending.Count);
      Result = fail(Pending.Line, F.Name + " takes " + llvm::Twine(F.Parameters) +
                                      " argument(s), not " + llvm::Twine(Pending.Count));
    } else if (__builtin_frame_address(0) < StackLimit) {
      releaseAll(Pending.Arguments, Pending.Count);
      Result = fail(Pending.Line, "calls nest too deeply");
    } else {
      // The arguments are taken before anything else can be pending.
      Result = enter(closure(Callee), Pending.Arguments);
    }
    release(Callee);
    if (!is(Result, kTailCall))
      return Result;
  }
}

Value Interpreter::enter(Closure &C, Value *Arguments) {
  Function &F = *C.Code;
  if (!F.Compiled && isHot(F) && !compile(F)) {
    releaseAll(Arguments, F.Parameters);
    return constant(kFailed);
  }
  return F.Compiled ? F.Compiled(&C, Arguments) : interpret(F, &C, Arguments);
}

bool Interpreter::isHot(Function &F) {
  ++F.Calls;
  return O.Compile == When::Always || (O.Compile == When::Hot && F.Calls > O.Threshold);
}

bool Interpreter::compile(Function &F) {
  auto E = Code.compile(F);
  if (!E) {
    fail(F.Line, "cannot compile " + F.Name + ": " + toString(E.takeError()));
    return false;
  }
  F.Compiled = *E;
  return true;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

Value Interpreter::interpret(Function &F, Closure *Self, const Value *Arguments) {
  const unsigned Count = unsigned(F.Variables.size());
  auto *Slots = static_cast<Value *>(__builtin_alloca((Count + 1) * sizeof(Value)));
  std::copy_n(Arguments, F.Parameters, Slots);
  std::fill(Slots + F.Parameters, Slots + Count, constant(kNil));
  Value Result = eval(*F.Body, Slots, Self);
  releaseAll(Slots, Count);
  return Result;
}

/// False after a failure; nothing is owned then.
bool Interpreter::evalAll(const Node *const *Nodes, unsigned Count, Value *To, Value *Slots,
                          Closure *Self) {
  for (unsigned I = 0; I != Count; ++I) {
    To[I] = eval(*Nodes[I], Slots, Self);
    if (is(To[I], kFailed)) {
      releaseAll(To, I);
      return false;
    }
  }
  return true;
}

static const Node *const *kids(const std::vector<std::unique_ptr<Node>> &Kids) {
  static_assert(sizeof(std::unique_ptr<Node>) == sizeof(Node *));
  return reinterpret_cast<const Node *const *>(Kids.data());
}

Value Interpreter::evalCall(const Node &N, Value *Slots, Closure *Self) {
  const unsigned Count = unsigned(N.Kids.size());
  auto *Values = static_cast<Value *>(__builtin_alloca(Count * sizeof(Value)));
  if (!evalAll(kids(N.Kids), Count, Values, Slots, Self))
    return constant(kFailed);
  return N.Tail ? tailCall(Values, Count - 1, N.Line) : call(Values, Count - 1, N.Line);
}

Value Interpreter::evalBuiltin(const Node &N, Value *Slots, Closure *Self) {
  const unsigned Count = unsigned(N.Kids.size());
  auto *Values = static_cast<Value *>(__builtin_alloca((Count + 1) * sizeof(Value)));
  if (!evalAll(kids(N.Kids), Count, Values, Slots, Self))
    return constant(kFailed);
  Value Result = N.Op->Run(this, N.Line, Values, Count);
  releaseAll(Values, Count);
  return Result;
}

Value Interpreter::evalLambda(const Node &N, Value *Slots, Closure *Self) {
  const unsigned Count = unsigned(N.Code->Captures.size());
  auto *Values = static_cast<Value *>(__builtin_alloca((Count + 1) * sizeof(Value)));
  evalAll(kids(N.Code->Captures), Count, Values, Slots, Self); // variables: they cannot fail
  return makeClosure(Heap, *N.Code, Values, Count);
}

Value Interpreter::eval(const Node &N, Value *Slots, Closure *Self) {
  switch (N.K) {
  case Node::Literal:
    return retain(N.Constant);
  case Node::Local:
    return retain(Slots[N.Slot]);
  case Node::Captured:
    return retain(Self->Captured[N.Slot]);
  case Node::Self:
    return retain(object(Self));
  case Node::Global:
    if (is(N.Where->Current, kUndefined))
      return fail(N.Line, "'" + N.Where->Name + "' is not defined");
    return retain(N.Where->Current);
  case Node::SetLocal:
  case Node::SetGlobal:
  case Node::Define: {
    Value V = eval(*N.Kids[0], Slots, Self);
    if (is(V, kFailed))
      return V;
    if (N.K == Node::SetGlobal && is(N.Where->Current, kUndefined)) {
      release(V);
      return fail(N.Line, "'" + N.Where->Name + "' is not defined");
    }
    assign(N.K == Node::SetLocal ? Slots[N.Slot] : N.Where->Current, V);
    return constant(kNil);
  }
  case Node::If: {
    Value Condition = eval(*N.Kids[0], Slots, Self);
    if (is(Condition, kFailed))
      return Condition;
    release(Condition);
    return eval(*N.Kids[isTrue(Condition) ? 1 : 2], Slots, Self);
  }
  case Node::While:
    for (;;) {
      Value Condition = eval(*N.Kids[0], Slots, Self);
      if (is(Condition, kFailed))
        return Condition;
      release(Condition);
      if (!isTrue(Condition))
        return constant(kNil);
      Value Ignored = eval(*N.Kids[1], Slots, Self);
      if (is(Ignored, kFailed))
        return Ignored;
      release(Ignored);
    }
  case Node::Begin: {
    const size_t Last = N.Kids.size() - 1;
    for (size_t I = 0; I != Last; ++I) {
      Value Ignored = eval(*N.Kids[I], Slots, Self);
      if (is(Ignored, kFailed))
        return Ignored;
      release(Ignored);
    }
    return eval(*N.Kids[Last], Slots, Self);
  }
  case Node::Let: {
    const unsigned Count = unsigned(N.Kids.size() - 1);
    // The slots are nil: no variable has been here, or it has left.
    if (!evalAll(kids(N.Kids), Count, Slots + N.Slot, Slots, Self)) {
      std::fill_n(Slots + N.Slot, Count, constant(kNil));
      return constant(kFailed);
    }
    Value Result = eval(*N.Kids[Count], Slots, Self);
    for (unsigned I = 0; I != Count; ++I)
      assign(Slots[N.Slot + I], constant(kNil));
    return Result;
  }
  case Node::Lambda:
    return evalLambda(N, Slots, Self);
  case Node::Call:
    return evalCall(N, Slots, Self);
  case Node::Builtin:
    return evalBuiltin(N, Slots, Self);
  }
  __builtin_unreachable();
}

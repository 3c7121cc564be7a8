//===- Builtins.cpp - Operations that are part of the language -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Builtins.h"

#include "Interpreter.h"

#include <cstdio>
#include <cstring>

using namespace interp;
using llvm::StringRef;

static Value wrong(Interpreter *I, int Line, const char *Name, const char *Wanted, Value Got) {
  std::string Text;
  llvm::raw_string_ostream OS(Text);
  OS << Name << " wants " << Wanted << ", not ";
  write(OS, Got, /*Quoted=*/true);
  constexpr size_t kLongest = 100;
  if (Text.size() > kLongest)
    Text = Text.substr(0, kLongest) + "...";
  return I->fail(Line, Text);
}

// Arithmetic: one template, so that each operator says what it computes and no more.
template <typename F>
static Value arithmetic(Interpreter *I, int Line, const char *Name, const Value *A, F Compute) {
  for (int K = 0; K < 2; ++K)
    if (!isInteger(A[K]))
      return wrong(I, Line, Name, "integers", A[K]);
  int64_t N;
  if (Compute(asInteger(A[0]), asInteger(A[1]), &N) || N > kMaxInteger || N < kMinInteger)
    return I->fail(Line, llvm::Twine("integer overflow in ") + Name);
  return integer(N);
}

static Value add(Interpreter *I, int Line, const Value *A, unsigned) {
  return arithmetic(I, Line, "+", A, [](int64_t X, int64_t Y, int64_t *N) {
    return __builtin_add_overflow(X, Y, N);
  });
}
static Value sub(Interpreter *I, int Line, const Value *A, unsigned) {
  return arithmetic(I, Line, "-", A, [](int64_t X, int64_t Y, int64_t *N) {
    return __builtin_sub_overflow(X, Y, N);
  });
}
static Value mul(Interpreter *I, int Line, const Value *A, unsigned) {
  return arithmetic(I, Line, "*", A, [](int64_t X, int64_t Y, int64_t *N) {
    return __builtin_mul_overflow(X, Y, N);
  });
}
static Value divide(Interpreter *I, int Line, const Value *A, unsigned) {
  if (isInteger(A[0]) && A[1].Bits == integer(0).Bits)
    return I->fail(Line, "division by zero");
  return arithmetic(I, Line, "/", A, [](int64_t X, int64_t Y, int64_t *N) {
    *N = X / Y; // of 63 bits: it fits 64
    return false;
  });
}
static Value remainder(Interpreter *I, int Line, const Value *A, unsigned) {
  if (isInteger(A[0]) && A[1].Bits == integer(0).Bits)
    return I->fail(Line, "division by zero");
  return arithmetic(I, Line, "%", A, [](int64_t X, int64_t Y, int64_t *N) {
    *N = X % Y;
    return false;
  });
}

template <typename F>
static Value compare(Interpreter *I, int Line, const char *Name, const Value *A, F Holds) {
  for (int K = 0; K < 2; ++K)
    if (!isInteger(A[K]))
      return wrong(I, Line, Name, "integers", A[K]);
  return boolean(Holds(asInteger(A[0]), asInteger(A[1])));
}
static Value less(Interpreter *I, int Line, const Value *A, unsigned) {
  return compare(I, Line, "<", A, [](int64_t X, int64_t Y) { return X < Y; });
}
static Value greater(Interpreter *I, int Line, const Value *A, unsigned) {
  return compare(I, Line, ">", A, [](int64_t X, int64_t Y) { return X > Y; });
}
static Value atMost(Interpreter *I, int Line, const Value *A, unsigned) {
  return compare(I, Line, "<=", A, [](int64_t X, int64_t Y) { return X <= Y; });
}
static Value atLeast(Interpreter *I, int Line, const Value *A, unsigned) {
  return compare(I, Line, ">=", A, [](int64_t X, int64_t Y) { return X >= Y; });
}
static Value same(Interpreter *I, int Line, const Value *A, unsigned) {
  return compare(I, Line, "=", A, [](int64_t X, int64_t Y) { return X == Y; });
}

static Value cons(Interpreter *I, int, const Value *A, unsigned) {
  return makePair(I->heap(), retain(A[0]), retain(A[1]));
}
static Value head(Interpreter *I, int Line, const Value *A, unsigned) {
  return is(*A, kPair) ? retain(pair(*A).Head) : wrong(I, Line, "head", "a pair", *A);
}
static Value tail(Interpreter *I, int Line, const Value *A, unsigned) {
  return is(*A, kPair) ? retain(pair(*A).Tail) : wrong(I, Line, "tail", "a pair", *A);
}
static Value list(Interpreter *I, int, const Value *A, unsigned Count) {
  Value L = constant(kNil);
  while (Count)
    L = makePair(I->heap(), retain(A[--Count]), L);
  return L;
}
static Value length(Interpreter *I, int Line, const Value *A, unsigned) {
  int64_t N = 0;
  Value L = *A;
  for (; is(L, kPair); L = pair(L).Tail)
    ++N;
  return is(L, kNil) ? integer(N) : wrong(I, Line, "length", "a list", *A);
}
static Value reverse(Interpreter *I, int Line, const Value *A, unsigned) {
  Value Result = constant(kNil), L = *A;
  for (; is(L, kPair); L = pair(L).Tail)
    Result = makePair(I->heap(), retain(pair(L).Head), Result);
  if (is(L, kNil))
    return Result;
  release(Result);
  return wrong(I, Line, "reverse", "a list", *A);
}

static Value isNil(Interpreter *, int, const Value *A, unsigned) { return boolean(is(*A, kNil)); }
static Value negate(Interpreter *, int, const Value *A, unsigned) { return boolean(!isTrue(*A)); }
static Value isPair(Interpreter *, int, const Value *A, unsigned) { return boolean(is(*A, kPair)); }
static Value isString(Interpreter *, int, const Value *A, unsigned) {
  return boolean(is(*A, kString));
}
static Value isNumber(Interpreter *, int, const Value *A, unsigned) {
  return boolean(isInteger(*A));
}
static Value isFunction(Interpreter *, int, const Value *A, unsigned) {
  return boolean(is(*A, kClosure));
}
static Value areEqual(Interpreter *, int, const Value *A, unsigned) {
  return boolean(equal(A[0], A[1]));
}

static Value stringAppend(Interpreter *I, int Line, const Value *A, unsigned Count) {
  size_t Size = 0;
  for (unsigned K = 0; K != Count; ++K) {
    if (!is(A[K], kString))
      return wrong(I, Line, "string-append", "strings", A[K]);
    Size += string(A[K]).size();
  }
  if (Size > size_t(INT32_MAX))
    return I->fail(Line, "a string of more than 2 GiB");
  Value Result = makeString(I->heap(), Size);
  char *To = static_cast<char *>(Result.Ref);
  for (unsigned K = 0; K != Count; ++K) {
    StringRef Part = string(A[K]);
    if (!Part.empty())
      std::memcpy(To, Part.data(), Part.size());
    To += Part.size();
  }
  return Result;
}
static Value stringLength(Interpreter *I, int Line, const Value *A, unsigned) {
  if (!is(*A, kString))
    return wrong(I, Line, "string-length", "a string", *A);
  return integer(int64_t(string(*A).size()));
}
static Value substring(Interpreter *I, int Line, const Value *A, unsigned) {
  if (!is(A[0], kString))
    return wrong(I, Line, "substring", "a string", A[0]);
  for (int K = 1; K < 3; ++K)
    if (!isInteger(A[K]) || asInteger(A[K]) < 0 || uint64_t(asInteger(A[K])) > string(A[0]).size())
      return wrong(I, Line, "substring", "positions in the string", A[K]);
  StringRef Part = string(A[0]).slice(size_t(asInteger(A[1])), size_t(asInteger(A[2])));
  Value Result = makeString(I->heap(), Part.size());
  if (!Part.empty())
    std::memcpy(Result.Ref, Part.data(), Part.size());
  return Result;
}
static Value numberToString(Interpreter *I, int Line, const Value *A, unsigned) {
  if (!isInteger(*A))
    return wrong(I, Line, "number->string", "an integer", *A);
  char Digits[24];
  int Size = snprintf(Digits, sizeof(Digits), "%lld", static_cast<long long>(asInteger(*A)));
  Value Result = makeString(I->heap(), size_t(Size));
  std::memcpy(Result.Ref, Digits, size_t(Size));
  return Result;
}

static Value print(Interpreter *I, int, const Value *A, unsigned Count) {
  for (unsigned K = 0; K != Count; ++K) {
    if (K)
      I->out() << ' ';
    write(I->out(), A[K], /*Quoted=*/false);
  }
  I->out() << '\n';
  return constant(kNil);
}
static Value error(Interpreter *I, int Line, const Value *A, unsigned) {
  std::string Text;
  llvm::raw_string_ostream OS(Text);
  write(OS, *A, /*Quoted=*/false);
  return I->fail(Line, Text);
}

static constexpr unsigned kAny = ~0u;
static constexpr Builtin kTable[] = {
    {"+", 2, 2, Op::Add, add},
    {"-", 2, 2, Op::Sub, sub},
    {"*", 2, 2, Op::Mul, mul},
    {"/", 2, 2, Op::Div, divide},
    {"%", 2, 2, Op::Rem, remainder},
    {"<", 2, 2, Op::Lt, less},
    {">", 2, 2, Op::Gt, greater},
    {"<=", 2, 2, Op::Le, atMost},
    {">=", 2, 2, Op::Ge, atLeast},
    {"=", 2, 2, Op::Eq, same},
    {"not", 1, 1, Op::Not, negate},
    {"cons", 2, 2, Op::Cons, cons},
    {"head", 1, 1, Op::Head, head},
    {"tail", 1, 1, Op::Tail, tail},
    {"null?", 1, 1, Op::IsNil, isNil},
    {"pair?", 1, 1, Op::None, isPair},
    {"string?", 1, 1, Op::None, isString},
    {"number?", 1, 1, Op::None, isNumber},
    {"function?", 1, 1, Op::None, isFunction},
    {"equal?", 2, 2, Op::None, areEqual},
    {"list", 0, kAny, Op::None, list},
    {"length", 1, 1, Op::None, length},
    {"reverse", 1, 1, Op::None, reverse},
    {"string-append", 0, kAny, Op::None, stringAppend},
    {"string-length", 1, 1, Op::None, stringLength},
    {"substring", 3, 3, Op::None, substring},
    {"number->string", 1, 1, Op::None, numberToString},
    {"print", 0, kAny, Op::None, print},
    {"error", 1, 1, Op::None, error},
};

bool Builtin::failsElsewhere() const {
  switch (Inline) {
  case Op::None:
  case Op::Cons:
  case Op::IsNil:
  case Op::Not:
  case Op::Div: // by -1 there is a result
  case Op::Rem:
    return false;
  default: // no integers, no pair, or an overflow
    return true;
  }
}

const Builtin *interp::findBuiltin(StringRef Name) {
  for (const Builtin &B : kTable)
    if (Name == B.Name)
      return &B;
  return nullptr;
}

//===- Value.h - What a variable holds, and who owns it -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A value is two words: a managed reference, and bits. Without a reference it is an
// immediate: an odd number holds an integer, an even one a constant. With a reference
// its bits are 0 and the object's tag says what it is. The split keeps the heap's
// managed fields plain: a word that is a reference or null.
//
// Ownership, for interpreted code, compiled code and host functions alike:
//
//   - A variable, a field, a global, a literal owns one count of what it refers to.
//   - A result is owned by who asked for it.
//   - A call consumes its callee and its arguments: the callee's frame owns them.
//   - A built-in borrows its arguments; its caller releases them.
//   - A running closure is borrowed from its caller, who holds it until the return.
//   - Failed and TailCall are results too. On Failed, whoever was computing releases
//     all that it owns and returns Failed itself.
//
// Nothing is assigned inside an object once it is made, and a closure holds copies of
// what it captures. So there are no cycles, and counting frees everything.
//
// When the heap is full the call is left by longjmp and its frames release nothing:
// Reclaim.cpp makes up for them. Hence no function that may allocate on the heap has
// a local with a destructor.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_INTERP_VALUE_H
#define CAIRN_INTERP_VALUE_H

#include "cairn.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

namespace interp {

struct Value {
  void *Ref;
  int64_t Bits;
};

enum Constant : int64_t {
  kNil = 0,       ///< The empty list.
  kFalse = 2,     ///< The only value that an `if` takes as false.
  kTrue = 4,      //
  kUndefined = 6, ///< A global before its definition.
  kFailed = 8,    ///< A result: there is an error in Interpreter::Problem.
  kTailCall = 10, ///< A result: Interpreter::Pending is to be called.
};

/// In the header of an object. Strings are bytes objects, whose tag reads as 0.
enum Tag : uint8_t { kString = 0, kPair = 1, kClosure = 2, kValues = 3 };

struct Function;

struct Pair {
  Value Head, Tail;
};
struct Closure {
  Function *Code;
  Value *Captured; ///< An array of values, or null if it captures none.
};
CAIRN_TYPE(PairType, Pair, Head.Ref, Tail.Ref);
CAIRN_TYPE(ClosureType, Closure, Captured);
CAIRN_TYPE(ValuesType, Value, Ref);

inline Value constant(Constant C) { return {nullptr, C}; }
inline Value boolean(bool B) { return {nullptr, B ? kTrue : kFalse}; }
inline Value object(void *Ref) { return {Ref, 0}; }
/// Integers have 63 bits.
constexpr int64_t kMaxInteger = INT64_MAX / 2, kMinInteger = INT64_MIN / 2;
inline Value integer(int64_t N) { return {nullptr, int64_t(uint64_t(N) << 1 | 1)}; }
inline bool isInteger(Value V) { return V.Bits & 1; }
inline int64_t asInteger(Value V) { return V.Bits >> 1; }

inline bool is(Value V, Constant C) { return !V.Ref && V.Bits == C; }
inline bool is(Value V, Tag T) { return V.Ref && cairn_tag(V.Ref) == T; }
inline bool isTrue(Value V) { return !is(V, kFalse); }

inline Value retain(Value V) {
  if (V.Ref)
    cairn_incref(V.Ref);
  return V;
}
inline void release(Value V) {
  if (V.Ref)
    cairn_decref(V.Ref);
}
/// Puts an owned value where another was.
inline void assign(Value &Place, Value V) {
  Value Old = Place;
  Place = V;
  release(Old);
}

inline Pair &pair(Value V) { return *static_cast<Pair *>(V.Ref); }
inline Closure &closure(Value V) { return *static_cast<Closure *>(V.Ref); }
inline llvm::StringRef string(Value V) {
  return {static_cast<const char *>(V.Ref), cairn_length(V.Ref)};
}

/// These consume the values they are given. The heap's exhaustion leaves by longjmp.
Value makePair(cairn_heap *Heap, Value Head, Value Tail);
Value makeClosure(cairn_heap *Heap, Function &Code, const Value *Captured, unsigned Count);
/// `Size` bytes to be filled by the caller.
Value makeString(cairn_heap *Heap, size_t Size);

bool equal(Value A, Value B);
/// As a program writes it; strings in quotes only if asked.
void write(llvm::raw_ostream &OS, Value V, bool Quoted, unsigned Depth = 0);

} // namespace interp

#endif // CAIRN_INTERP_VALUE_H

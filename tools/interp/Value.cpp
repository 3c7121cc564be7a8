//===- Value.cpp - Making, comparing and writing values -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Value.h"

#include "Program.h"

#include <cstring>
#include <vector>

using namespace interp;

static void *allocate(cairn_heap *Heap, const cairn_type &Type, Tag T) {
  void *Ref = cairn_heap_alloc(Heap, &Type);
  cairn_set_tag(Ref, T);
  return Ref;
}

Value interp::makePair(cairn_heap *Heap, Value Head, Value Tail) {
  auto *P = static_cast<Pair *>(allocate(Heap, PairType, kPair));
  *P = {Head, Tail};
  return object(P);
}

Value interp::makeClosure(cairn_heap *Heap, Function &Code, const Value *Captured, unsigned Count) {
  Value *Copy = nullptr;
  if (Count) {
    Copy = static_cast<Value *>(cairn_heap_alloc_array(Heap, &ValuesType, Count));
    cairn_set_tag(Copy, kValues);
    std::memcpy(Copy, Captured, Count * sizeof(Value));
  }
  auto *C = static_cast<Closure *>(allocate(Heap, ClosureType, kClosure));
  *C = {&Code, Copy};
  return object(C);
}

Value interp::makeString(cairn_heap *Heap, size_t Size) {
  return object(cairn_heap_alloc_bytes(Heap, Size));
}

bool interp::equal(Value A, Value B) {
  // What is left to compare lies in a list of the host's: a list may be deep.
  std::vector<std::pair<Value, Value>> Left = {{A, B}};
  while (!Left.empty()) {
    auto [X, Y] = Left.back();
    Left.pop_back();
    if (X.Ref == Y.Ref) {
      if (X.Bits != Y.Bits)
        return false;
    } else if (is(X, kPair) && is(Y, kPair)) {
      Left.push_back({pair(X).Tail, pair(Y).Tail});
      Left.push_back({pair(X).Head, pair(Y).Head});
    } else if (!(is(X, kString) && is(Y, kString) && string(X) == string(Y))) {
      return false;
    }
  }
  return true;
}

void interp::write(llvm::raw_ostream &OS, Value V, bool Quoted, unsigned Depth) {
  if (isInteger(V)) {
    OS << asInteger(V);
  } else if (!V.Ref) {
    OS << (is(V, kNil) ? "()" : is(V, kTrue) ? "#t" : is(V, kFalse) ? "#f" : "#undefined");
  } else if (is(V, kClosure)) {
    OS << "#<function " << closure(V).Code->Name << '>';
  } else if (is(V, kString)) {
    if (!Quoted) {
      OS << string(V);
      return;
    }
    OS << '"';
    for (char C : string(V))
      if (C == '\n')
        OS << "\\n";
      else
        OS << (C == '"' || C == '\\' ? "\\" : "") << C;
    OS << '"';
  } else if (Depth > 1000) {
    OS << "...";
  } else {
    const char *Before = "(";
    for (; is(V, kPair); V = pair(V).Tail, Before = " ") {
      OS << Before;
      write(OS, pair(V).Head, /*Quoted=*/true, Depth + 1);
    }
    if (!is(V, kNil)) {
      OS << " . ";
      write(OS, V, /*Quoted=*/true, Depth + 1);
    }
    OS << ')';
  }
}

//===- Reclaim.cpp - What frames held when the heap was full -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A call that exhausts the heap is left by longjmp, and its frames, interpreted or
// compiled, release nothing. What they owned is found by counting: of each object's
// count, so many are owned by fields of other objects, by globals and by literals; the
// rest belonged to frames. Releasing the rest frees exactly what only frames could
// reach, because no value takes part in a cycle.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "llvm/ADT/DenseMap.h"

using namespace interp;

namespace {
/// References to each object that no frame accounts for, and the object's count.
struct Owners {
  llvm::DenseMap<void *, int64_t> Known, Count;

  void own(void *Ref) {
    if (Ref)
      ++Known[Ref];
  }
  void fields(void *Object) {
    switch (cairn_tag(Object)) {
    case kPair:
      own(static_cast<Pair *>(Object)->Head.Ref);
      own(static_cast<Pair *>(Object)->Tail.Ref);
      break;
    case kClosure:
      own(static_cast<Closure *>(Object)->Captured);
      break;
    case kValues:
      for (size_t I = 0, N = cairn_length(Object); I != N; ++I)
        own(static_cast<Value *>(Object)[I].Ref);
      break;
    }
  }
};
} // namespace

uint64_t Interpreter::reclaim() {
  Owners All;
  for (const Global &G : P.Globals)
    All.own(G.Current.Ref);
  for (Value V : P.Literals)
    All.own(V.Ref);
  cairn_heap_walk(
      Heap,
      [](const cairn_block *B, void *Context) {
        auto &All = *static_cast<Owners *>(Context);
        if (B->object && B->count > 0) {
          All.Count[B->p] = B->count;
          All.fields(B->p);
        }
        return true;
      },
      &All);
  uint64_t Released = 0;
  for (auto [Ref, Count] : All.Count)
    for (int64_t Held = Count - All.Known.lookup(Ref); Held > 0; --Held, ++Released)
      cairn_decref(Ref);
  return Released;
}

//===- Guard.cpp - Exhaustion ends the call, not the process -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Guard.h"

#include <csetjmp>
#include <map>
#include <mutex>

using namespace llvm;
using namespace cairn::jit;

namespace {

struct Frame {
  cairn_heap *Heap;
  Frame *Outer;
  cairn_oom Oom;
  jmp_buf Jump;
};
/// Found without a call, as the runtime finds its own.
__attribute__((tls_model("initial-exec"))) thread_local Frame *Innermost;

struct Handler {
  cairn_oom_handler Call;
  void *Context;
};
std::mutex Lock;
std::map<cairn_heap *, Handler> Before; ///< The handlers that ours replaced.

bool onExhaustion(const cairn_oom *Oom, void *) {
  for (Frame *F = Innermost; F; F = F->Outer)
    if (F->Heap == Oom->heap) {
      F->Oom = *Oom;
      Innermost = F->Outer;
      longjmp(F->Jump, 1);
    }
  Handler Old = {};
  {
    std::lock_guard<std::mutex> Guard(Lock);
    auto It = Before.find(Oom->heap);
    if (It != Before.end())
      Old = It->second;
  }
  return Old.Call && Old.Call(Oom, Old.Context);
}

} // namespace

void cairn::jit::catchExhaustion(cairn_heap *Heap) {
  std::lock_guard<std::mutex> Guard(Lock);
  Handler Old;
  Old.Call = cairn_get_oom_handler(Heap, &Old.Context);
  if (Old.Call == onExhaustion)
    return;
  Before[Heap] = Old;
  cairn_set_oom_handler(Heap, onExhaustion, nullptr);
}

/// How much a failed call left behind is measured by walks of the heap before and after it.
static Error runMeasured(cairn_heap *Heap, function_ref<void()> F, Abandoned &Left) {
  Left = Abandoned();
  cairn_stats Start, End;
  cairn_stats_get(Heap, &Start);
  Error Result = runGuarded(Heap, F, nullptr);
  if (!Result)
    return Result;
  cairn_stats_get(Heap, &End);
  auto More = [](uint64_t Now, uint64_t Then) { return Now > Then ? Now - Then : 0; };
  Left.Objects = More(End.live_objects, Start.live_objects);
  Left.Blocks = More(End.live_blocks, Start.live_blocks);
  Left.Bytes = More(End.live_bytes, Start.live_bytes);
  return Result;
}

Error cairn::jit::runGuarded(cairn_heap *Heap, function_ref<void()> F, Abandoned *Left) {
  if (Left)
    return runMeasured(Heap, F, *Left);
  Frame Here; // the rest is for the handler to fill
  Here.Heap = Heap;
  Here.Outer = Innermost;
  Innermost = &Here;
  if (setjmp(Here.Jump) == 0) {
    F();
    Innermost = Here.Outer;
    return Error::success();
  }
  const cairn_oom &Oom = Here.Oom;
  return createStringError(inconvertibleErrorCode(),
                           "heap exhausted: heap %s, request %zu bytes, used %zu, limit %zu",
                           Oom.heap_name, Oom.request, Oom.used, Oom.limit);
}

//===- handlers.cpp - What a program does when a heap is full -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "object/object.h"

namespace cairn {

static bool call(Heap *heap, size_t bytes) {
  if (!heap->oom)
    return false;
  cairn_stats stats; // which brings the count of pages into the program
  cairn_stats_get(reinterpret_cast<cairn_heap *>(heap), &stats);
  cairn_oom oom = {reinterpret_cast<cairn_heap *>(heap), heap->name ? heap->name : "unnamed", bytes,
                   stats.used, heap->limit()};
  // It may leave by longjmp, or an exception of the host's, out of a finaliser too.
  uintptr_t frame = leaveFinalizer(0);
  bool again = heap->oom(&oom, heap->oomContext);
  leaveFinalizer(frame);
  return again;
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void cairn_set_oom_handler(cairn_heap *h, cairn_oom_handler handler, void *context) {
  callHandler = call;
  orDefault(h)->oom = handler;
  orDefault(h)->oomContext = context;
}

CAIRN_API cairn_oom_handler cairn_get_oom_handler(cairn_heap *h, void **context) {
  if (context)
    *context = orDefault(h)->oomContext;
  return orDefault(h)->oom;
}

} // extern "C"

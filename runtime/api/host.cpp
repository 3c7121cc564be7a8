//===- host.cpp - For what loads and unloads code around the heap --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cairn/host.h"
#include "object/object.h"

using namespace cairn;

static void walkHeaps(bool (*visit)(const cairn_block *, void *), void *context) {
  for (uint32_t i = 0; i < heapCount(); ++i)
    if (Heap *heap = heapAt(i))
      cairn_heap_walk(reinterpret_cast<cairn_heap *>(heap), visit, context);
}

extern "C" CAIRN_API uint64_t cairn_host_retire(const cairn_host_range *ranges, size_t count) {
  return retireTypes(ranges, count, walkHeaps);
}

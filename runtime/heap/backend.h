//===- backend.h - What a heap is, for those above it --------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// There are two heaps: for threads and large address spaces (heap/), and for one thread in
// WebAssembly's linear memory (wasm/). Objects, reports and the public interface are written
// once, over either. This is the contract between the three.
//
// Layers, from the lowest. Each includes, and calls, its own and what is above it in this
// list; test/layers/runtime_layers.py has the table.
//
//   include/cairn   layouts and encodings (cairn/abi.h), the public headers
//   platform/       the system, and text without a library
//   fast/           what generated code inlines; the runtime's entry points (fast/entry.h)
//   heap/, wasm/    one of two back ends: slots, large blocks, heaps, malloc's family
//   object/         headers, counts, drop, sharing, descriptors, containers
//   report/         errors, figures, walking and checking a heap
//   api/            the intrinsics and the containers as functions
//
// A back end provides
//
//   - the types Heap, with the members `name`, `oom`, `oomContext` and `exposed` (whether the
//     program can write anywhere in it), and ObjectPlace's parts (object/place.h)
//   - the functions below; orDefault() and slotBytes() are inline in its header
//   - of fast/entry.h, what is under "The heap's"; and fast::pop, push and stow for its
//     slots, in fast/fast.h or fast/wasm.h
//   - of cairn.h, heaps, raw blocks and faults: cairn_heap_..., cairn_malloc and its family
//   - for its objects, since the layouts differ: placeOf, freeObject, drop (object/object.h),
//     cairn_resolve, cairn_rt_incref, _decref and _is_unique: object/place.cpp and drop.cpp,
//     or wasm/place.cpp and drop.cpp
//   - for reports, cairn_stats_get, cairn_heap_walk and cairn_heap_check
//
// and calls upwards through heap/above.h alone.
//
// A program that includes heap/heap.h gets this and the back end of its target.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_BACKEND_H
#define CAIRN_HEAP_BACKEND_H

#include "cairn.h"
#include "fast/fast.h"
#include "heap/above.h"
#include "platform/platform.h"

/// A function or variable of the public interface.
#define CAIRN_API __attribute__((visibility("default")))

namespace cairn {

struct Heap;

/// The most that a block may ask for as its alignment.
constexpr size_t kMostAlign = size_t(1) << 20;

//===- Heaps ------------------------------------------------------------------===//

/// The default heap. Null when the platform has no memory.
Heap *defaultHeap();
/// The heap that is meant by an argument: null is the default one.
Heap *orDefault(void *heap);
/// The heap that has p's memory, live or not; null if none has. Under no lock.
Heap *heapOf(const void *p);
/// Heap number i of those made so far; null for one destroyed. For reports.
Heap *heapAt(uint32_t i);
uint32_t heapCount();
/// Zeroed memory for the runtime's own records, at a multiple of 16, never given back; null
/// if refused. Any thread, under any lock.
void *metadata(size_t bytes);
/// Counts a request and says whether the tests want it to fail.
bool faulted(cairn_fault kind);

//===- Slots and large blocks -------------------------------------------------===//

/// A slot of this bin as its link address; null when the heap is full. Its contents are
/// undefined past its count, which is 0 where it is one for objects.
void *allocateSlotAny(Heap *heap, unsigned bin);
/// Bytes of the slot at this link, given out for one of class `cls`.
size_t slotBytes(const void *link, unsigned cls);
/// A block of `bytes` over kMaxSmall, at a multiple of `align`, a power of two from kGranule on;
/// null when full. `zero` is set if it reads as zero.
void *allocateLarge(Heap *heap, Kind kind, uint64_t bytes, size_t align, bool *zero = nullptr);

} // namespace cairn

#endif // CAIRN_HEAP_BACKEND_H

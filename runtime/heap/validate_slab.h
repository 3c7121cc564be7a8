//===- validate_slab.h - A debug build looks at one slab ------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For the other validators. See heap/validate.h.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_VALIDATE_SLAB_H
#define CAIRN_HEAP_VALIDATE_SLAB_H

#include "heap/heap.h"
#include "heap/validate.h"

#if CAIRN_DEBUG

namespace cairn {

/// A slab that is `cache`'s, or nobody's if that is null. Under the lock that its lists
/// change under, and while no thread frees into it as its owner. How many things were looked at.
uint64_t validateSlab(const Slab *slab, const Heap *heap, const Cache *cache, SlabState state);

/// A list in which every slab is in this state, and of this bin, or of any for kBins.
uint64_t validateList(const SlabList &list, const char *name, const Heap *heap, const Cache *cache,
                      SlabState state, unsigned bin);

/// A link of a free slot of this slab, as it stands in `list`. The index of the slot.
unsigned validateLink(const char *list, const Slab *slab, const void *link);

} // namespace cairn

#endif // CAIRN_DEBUG
#endif // CAIRN_HEAP_VALIDATE_SLAB_H

//===- validate.h - A debug build looks at whole structures ---------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A debug build (heap/assert.h) has a validator for each structure of the heap. It walks the
// structure and asserts every claim that the comments make of it. The slow paths call the
// validators of what they have changed, under the locks that they hold already.
//
// To look at everything in each slow path would take time that grows with the square of the
// heap. So a validator that has looked at n things is not run again for n / 8 calls.
// The environment's CAIRN_VALIDATE changes that: `all` runs each validator in each call, `none`
// runs none; single assertions stay.
//
// Some of what is claimed lies where a program can write over it: the links in free slots, the
// marks in freed ones, the stamps behind blocks. Where the process has an error handler, such
// writes are reported to it (as in every build), and the validators do not assert these.
//
// In a build without CAIRN_DEBUG the functions are empty and inline.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_VALIDATE_H
#define CAIRN_HEAP_VALIDATE_H

#include "heap/assert.h"

namespace cairn {

struct Cache;
struct Heap;
struct Slab;
struct Thread;
class Extent;
class Space;

#if CAIRN_DEBUG

/// Decides when a validator runs. One for each kind of structure; from any thread.
class Sampler {
public:
  /// Whether it is time.
  bool due();
  /// It has looked at so many things.
  void looked(uint64_t things);

private:
  uint64_t Wait = 0; ///< Calls that are still to be passed over.
};

/// Whether what a program can write over is asserted too; see above.
bool assertsMemory();
namespace debug {
/// Whether every free raw slot bears its mark (heap/freed.h): where no inlined code frees.
extern bool marksAreExact;
} // namespace debug
/// cairn_set_error_handler() was called.
void noteErrorHandler(bool any);

/// The runs, free lists, dirty pages and extents. Under the heap's lock.
void validate(const Space &space);
/// The stacks, the slabs in hand, and the lists of slabs. Under the cache's lock, by the
/// thread that it belongs to, or when it belongs to none.
void validate(const Cache *cache);
/// The slabs that have no owner. Under the heap's lock.
void validateOrphans(const Heap *heap);
/// The queues and bits of a checked heap. Under the central cache's lock; takes the heap's.
void validateChecked(Heap *heap);
/// Caches by heap. Under processLock, by the thread itself.
void validate(const Thread *thread);
/// Which records can be read and written (table.cpp). Under no lock.
void validateTable();
/// The stacks that nobody has (stack.cpp). Under no lock.
void validateSpares();
/// All of these of a heap, and of the calling thread, whether it is time or not. Under no lock.
void validateAll(Heap *heap);

/// The same, when it is time.
void validateAtTimes(const Space &space);
void validateAtTimes(const Cache *cache);
void validateAtTimes(const Thread *thread);
void validateCheckedAtTimes(Heap *heap);

#else

inline void noteErrorHandler(bool) {}
inline void validateTable() {}
inline void validateAtTimes(const Space &) {}
inline void validateAtTimes(const Cache *) {}
inline void validateAtTimes(const Thread *) {}
inline void validateCheckedAtTimes(Heap *) {}

#endif

/// The private parts of what is validated, for the validators and for the tests that plant
/// faults in them.
struct Inside;

} // namespace cairn

#endif // CAIRN_HEAP_VALIDATE_H

//===- extent.h - Address space that becomes usable from its start -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   base          base + ready                    base + whole
//   | usable      | held: reserved, untouchable   |
//                 | else: not mapped, and others may come to lie there
//
// The system backs, dumps, locks and counts as data what is usable alone. Space is held
// where address space is free of charge. Under a limit on it nothing is held: growing maps
// what follows, and fails where something else lies there.
//
// Invariant: [base, base + ready) can be read and written, and what lies past it is never
// written. Held space that was usable once can still be read, and reads as zeros: inlined code may
// look at the count of an object that is dead, before a call reports that. `ready` is read without
// a lock; everything else is under its owner's.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_EXTENT_H
#define CAIRN_HEAP_EXTENT_H

#include <stddef.h>
#include <stdint.h>

namespace cairn {

struct Inside;

class Extent {
public:
  /// An extent under this size is made usable as a whole, since the number of mappings is limited
  /// too.
  static constexpr size_t kAtOnce = size_t(256) << 10;

  /// `usable`: all of it can be read and written already. Base and size are multiples of a page.
  void init(uintptr_t base, size_t whole, bool held, bool usable);
  void init(void *base, size_t whole, bool held, bool usable) {
    init(reinterpret_cast<uintptr_t>(base), whole, held, usable);
  }

  /// Makes the first `bytes` usable; false if the system refuses, or it has not so many.
  bool reach(size_t bytes) { return __builtin_expect(bytes <= Ready, 1) || grow(bytes); }
  size_t ready() const { return __atomic_load_n(&Ready, __ATOMIC_RELAXED); }
  /// Bytes that are the extent's, usable or reserved.
  size_t mapped() const { return __atomic_load_n(&Held, __ATOMIC_RELAXED) ? Whole : ready(); }

  /// Only the first `bytes` stay usable, up to a page; the rest loses its contents, and where it
  /// is held reads as zeros.
  void cut(size_t bytes);
  /// The same if at least `much` goes.
  void cutIfMuch(size_t bytes, size_t much) {
    if (ready() >= bytes + much)
      cut(bytes);
  }
  /// Gives what is reserved back to the system; bytes given. It grows by mapping then.
  size_t unhold();
  /// Gives everything back.
  void release();

private:
  friend struct Inside; ///< The validators of a debug build (heap/inside.h).
  bool grow(size_t bytes);
  bool growTo(size_t bytes);

  uintptr_t Base;
  size_t Whole, Ready;
  bool Held;
};

} // namespace cairn

#endif // CAIRN_HEAP_EXTENT_H

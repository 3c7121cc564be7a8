//===- Fast.h - What most calls do, in one straight line -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A hot method tries what is here and otherwise tail-calls its long form, which
// starts again from the arguments: so the hot form needs no frame, and nothing here
// raises or changes anything before it is sure.
//
//   argument   an exact int of one digit (under 2^30)
//   block      a live bytes object in a slab, of a heap that is open and not checked
//   new block  from the bin's stack, of a heap that has no view besides
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_PYTHON_FAST_H
#define CAIRN_PYTHON_FAST_H

#include "Module.h"

namespace cairn::python {

// Later Pythons keep their ints in another way: there the long forms do it all.
#if PY_VERSION_HEX < 0x030c0000
CAIRN_FAST Py_ssize_t digitsOf(PyObject *o) {
  return CAIRN_LIKELY(PyLong_CheckExact(o)) ? Py_SIZE(o) : PY_SSIZE_T_MAX;
}
CAIRN_FAST uint64_t firstDigit(PyObject *o) {
  return reinterpret_cast<const PyLongObject *>(o)->ob_digit[0];
}
#else
CAIRN_FAST Py_ssize_t digitsOf(PyObject *) { return PY_SSIZE_T_MAX; }
CAIRN_FAST uint64_t firstDigit(PyObject *) { return 0; }
#endif

CAIRN_FAST bool quickPointer(PyObject *o, uint64_t &at) {
  if (CAIRN_UNLIKELY(digitsOf(o) != 1))
    return false;
  at = firstDigit(o);
  return true;
}
CAIRN_FAST bool quickInt(PyObject *o, int64_t &value) {
  Py_ssize_t digits = digitsOf(o);
  if (CAIRN_UNLIKELY(uint64_t(digits) + 1 > 2))
    return false;
  value = digits * int64_t(firstDigit(o));
  return true;
}

/// A place in a live bytes object.
struct Spot {
  Slab *slab;
  char *p;         ///< The place itself,
  uint64_t in;     ///< so far behind the slot's first byte.
  uint64_t header; ///< Count and length, as the slot has them.

  void *ref() const { return p - in + kHeaderSize; }
  int32_t count() const { return int32_t(header); }
  uint32_t length() const { return uint32_t(header >> 32); }
  /// Whether `width` bytes lie inside the object, and inside its slot too: the header
  /// is in the program's reach.
  bool readable(size_t width) const {
    return in + width <= kHeaderSize + length() && in + width <= slab->slotSize;
  }
  bool writable(size_t width) const { return in >= kHeaderSize && readable(width); }
};

/// Whether it is a slab of objects.
CAIRN_FAST bool holdsObjects(const Slab *slab) {
  static_assert(offsetof(Slab, role) == offsetof(Slab, bin) + 1);
  uint16_t roleAndBin;
  __builtin_memcpy(&roleAndBin, &slab->bin, sizeof(roleAndBin));
  return CAIRN_LIKELY(uint16_t(roleAndBin - (kSlabRole << 8 | kObject * kClasses)) < kClasses);
}

/// What locate() and slotOf() find, from the same parts, for a live bytes object in a slab of
/// this heap; false for all else.
CAIRN_FAST bool spotAt(const Manager *m, uint64_t at, Spot &spot) {
  if (CAIRN_UNLIKELY(at >= m->quick))
    return false;
  spot.p = reinterpret_cast<char *>(m->base + at);
  Slab *slab = fast::slabOf(spot.p);
  if (!holdsObjects(slab)) {
    if (CAIRN_UNLIKELY(slab->role != kSplitRole))
      return false;
    slab = pageRecord(slab, spot.p);
    if (CAIRN_UNLIKELY(!holdsObjects(slab)))
      return false;
  }
  spot.slab = slab;
  uint64_t off = reinterpret_cast<uintptr_t>(spot.p) - slab->base - slab->start;
  uint64_t i = slotIndex(slab, off);
  if (CAIRN_UNLIKELY(i >= slab->fresh))
    return false;
  spot.in = off - i * slab->slotSize;
  __builtin_memcpy(&spot.header, spot.p - spot.in, sizeof(spot.header));
  // Live, and not typed.
  return CAIRN_LIKELY(int64_t(spot.header) >= 0 && uint32_t(spot.header) != 0);
}

/// Frees an object that is owned once; false if that is for the long form to do.
CAIRN_FAST bool giveBack(const Spot &spot) {
  Slab *slab = spot.slab;
  if (CAIRN_UNLIKELY(slab->owner != fast::self() + kObject))
    return false;
  void *ref = spot.ref();
  storeCount(ref, 0);
  fast::stow(slab, slab->stack, ref);
  return true;
}

/// Gives back one count.
CAIRN_FAST bool quickRelease(const Spot &spot) {
  if (spot.count() == 1)
    return giveBack(spot);
  if (CAIRN_UNLIKELY(spot.count() < 1))
    return false;
  storeCount(spot.ref(), spot.count() - 1);
  return true;
}

CAIRN_FAST bool quickRetain(const Spot &spot) {
  if (CAIRN_UNLIKELY(spot.count() < 1 || spot.count() == INT32_MAX))
    return false;
  storeCount(spot.ref(), spot.count() + 1);
  return true;
}

/// A new object of n bytes, or null.
CAIRN_FAST void *quickBytes(const Manager *m, uint64_t n) {
  if (CAIRN_UNLIKELY(n > kMaxSmall - kHeaderSize || !m->plain))
    return nullptr;
  auto &entry =
      cairn_rt_tls->lookup[(reinterpret_cast<uintptr_t>(m->heap) >> kHeapAlign) % kLookups];
  if (CAIRN_UNLIKELY(__atomic_load_n(&entry.heap, __ATOMIC_RELAXED) != m->heap))
    return nullptr;
  unsigned bin = binOf(kObject, fast::classFor(n + kHeaderSize));
  SlotStack &stack = entry.bins->stacks[bin];
  void *link = *stack.top;
  // JIT code can have written over the slot, but not over the stack.
  if (CAIRN_UNLIKELY(!link || loadCount(link) != 0))
    return nullptr;
  --stack.top;
  fast::setHeader(link, uint32_t(n));
  return link;
}

/// The same answer as findSlow's, for most blocks.
CAIRN_FAST bool quickFind(const Manager *m, uint64_t at, Block &block) {
  Spot spot;
  if (!spotAt(m, at, spot))
    return false;
  uint32_t room = spot.slab->slotSize - uint32_t(kHeaderSize);
  block.start = spot.p - spot.in;
  block.data = block.start + kHeaderSize;
  block.end = block.data + (spot.length() < room ? spot.length() : room);
  block.ref = block.data;
  block.slab = spot.slab;
  block.meta = spot.length();
  block.kind = kObject;
  return true;
}

} // namespace cairn::python

#endif // CAIRN_PYTHON_FAST_H

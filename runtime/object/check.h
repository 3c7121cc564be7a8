//===- check.h - Calls that check all they are given -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a count of an object in a checked heap does: nothing of it is believed before it was
// looked at. Code that was built with --heap=checked counts by these; calls from other code come
// here if the object's heap is checked.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_OBJECT_CHECK_H
#define CAIRN_OBJECT_CHECK_H

#include "object/object.h"

#if !defined(__wasm__)
#include "heap/origin.h"

namespace cairn {

/// Whether the calling thread may change the plain count of this object, which lives; reports if
/// not. An object whose thread has ended becomes the caller's. True in other heaps. `done`: what
/// the thread did ("released").
bool ownedHere(const ObjectPlace &place, void *ref, const char *done);

/// A reference in a field that the type of its holder does not list, seen when the holder was
/// released: nothing if `ref` is 0. The holder may have been right (a reference without a
/// count of its own), so this is told of a lost object only.
struct Leftover {
  uintptr_t ref;    ///< Inverted: a look for leaks takes it for no root.
  const char *type; ///< The holder's; null if it is not known.
  uint32_t offset, gone;
};
void noteLeftovers(const ObjectPlace &place, void *holder);
/// The last one of this object.
Leftover leftoverOf(const void *ref);

void checkedIncref(void *ref);
void checkedDecref(void *ref);
/// Reports a live object that has other counts than the caller's, and who holds them.
void checkedAssertUnique(void *ref);

} // namespace cairn
#endif

#endif // CAIRN_OBJECT_CHECK_H

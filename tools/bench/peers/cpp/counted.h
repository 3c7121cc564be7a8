//===- counted.h - A pointer whose count is in the object -----------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a C++ program has that cares about its counts: these are in the objects and not
// atomic, pointers are moved wherever that can be, a parameter that is only looked at
// is a const reference to the object, and an object with one owner changes in place.
// Memory is from operator new, which the allocator that is preloaded provides.
//
//===----------------------------------------------------------------------===//
#ifndef COUNTED_H
#define COUNTED_H

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

/// The base of objects. T has `static void destroy(T *)`, for an object without owners.
struct counted {
  int32_t owners = 0;
};

/// An owner of a T, or null. It is passed in a register.
template <class T> class [[clang::trivial_abi]] ref {
  T *object = nullptr;

public:
  ref() = default;
  explicit ref(T *o) : object(o) {
    if (o)
      ++o->owners;
  }
  ref(const ref &other) : ref(other.object) {}
  ref(ref &&other) noexcept : object(std::exchange(other.object, nullptr)) {}
  ref &operator=(ref other) noexcept {
    std::swap(object, other.object);
    return *this;
  }
  ~ref() { release(object); }

  static void release(T *o) {
    if (o && --o->owners == 0)
      T::destroy(o);
  }
  /// Gives the object away with its count.
  T *leave() { return std::exchange(object, nullptr); }
  explicit operator bool() const { return object != nullptr; }
  T *operator->() const { return object; }
  T &operator*() const { return *object; }
  T *get() const { return object; }
  bool alone() const { return object->owners == 1; }
};

/// The size that the command line says, or the full one.
inline int64_t size_of_run(int argc, char **argv, int64_t full) {
  return argc > 1 ? std::atoll(argv[1]) : full;
}

#endif // COUNTED_H

//===- assert.h - What a debug build asserts ------------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a debug build (the CMake option CAIRN_DEBUG) the runtime asserts what its comments
// claim. A claim that does not hold ends the process, after a line on standard error:
//
//   cairn: assertion failed: slab 0x7f0012340000: s->slab == slab
//     (s->slab, slab = 0x7f0012340040, 0x7f0012340000) at validate.cpp:93
//
// In every other build an assertion is nothing, and its operands are not evaluated.
//
// A false claim is a fault of the runtime, never of the program that uses it: a program's
// misuse is an error (fail() in heap.h) in every build.
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_HEAP_ASSERT_H
#define CAIRN_HEAP_ASSERT_H

#include <stddef.h>
#include <stdint.h>

#ifndef CAIRN_DEBUG
#define CAIRN_DEBUG 0
#endif

#if CAIRN_DEBUG

namespace cairn::debug {

/// Where an assertion stands and what it is about.
struct Claim {
  const char *structure; ///< "slab", "stack", ...: what it is.
  const void *at;        ///< The address of that one.
  const char *condition; ///< As it is written.
  const char *names;     ///< The values, as they are written; "" if there are none.
  const char *file;
  int line;
};

/// An operand of a claim that did not hold: a pointer is printed as an address, a number
/// as a signed one.
struct Value {
  uint64_t bits;
  bool pointer;
  template <typename T> Value(T *p) : bits(reinterpret_cast<uintptr_t>(p)), pointer(true) {}
  template <typename T> Value(T n) : bits(uint64_t(n)), pointer(false) {}
};

[[noreturn]] void claimFailed(const Claim &claim, const Value *values, size_t count);

template <typename... Values>
[[noreturn, gnu::cold, gnu::noinline]] void failed(const Claim &claim, Values... values) {
  const Value all[] = {Value(0), Value(values)...};
  claimFailed(claim, all + 1, sizeof...(values));
}

} // namespace cairn::debug

/// Asserts `condition` of the `structure` at the address `at`. The expressions after it are
/// printed with their values where it does not hold.
#define CAIRN_ASSERT(structure, at, condition, ...)                                                \
  (__builtin_expect(!!(condition), 1) ? void()                                                     \
                                      : ::cairn::debug::failed(::cairn::debug::Claim{              \
                                            structure, at, #condition, "" #__VA_ARGS__,            \
                                            __FILE_NAME__, __LINE__} __VA_OPT__(, ) __VA_ARGS__))

#else
#define CAIRN_ASSERT(structure, at, condition, ...) void()
#endif

#endif // CAIRN_HEAP_ASSERT_H

//===- operators_test.cpp - Every form of new and delete -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The operators are called by name: an expression's pair may be left out by the
// compiler.
//
//===----------------------------------------------------------------------===//

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <malloc.h>
#include <new>

namespace {

using std::align_val_t;
using std::nothrow;

bool good(void *p, size_t align, size_t n) {
  if (!p || reinterpret_cast<uintptr_t>(p) % align || malloc_usable_size(p) < n)
    return false;
  memset(p, 0x5a, n);
  return true;
}

TEST(Operators, EveryForm) {
  for (size_t n : {0, 1, 16, 40, 2048, 2049, 100000}) {
    void *p = operator new(n);
    EXPECT_TRUE(good(p, 16, n));
    operator delete(p);
    p = operator new(n);
    operator delete(p, n);
    p = operator new[](n);
    EXPECT_TRUE(good(p, 16, n));
    operator delete[](p);
    p = operator new[](n);
    operator delete[](p, n);
    p = operator new(n, nothrow);
    EXPECT_TRUE(good(p, 16, n));
    operator delete(p, nothrow);
    p = operator new[](n, nothrow);
    EXPECT_TRUE(good(p, 16, n));
    operator delete[](p, nothrow);
    for (size_t align = 1; align <= 1 << 16; align *= 2) {
      align_val_t a{align};
      p = operator new(n, a);
      EXPECT_TRUE(good(p, align, n));
      operator delete(p, a);
      p = operator new(n, a);
      operator delete(p, n, a);
      p = operator new[](n, a);
      EXPECT_TRUE(good(p, align, n));
      operator delete[](p, a);
      p = operator new[](n, a);
      operator delete[](p, n, a);
      p = operator new(n, a, nothrow);
      EXPECT_TRUE(good(p, align, n));
      operator delete(p, a, nothrow);
      p = operator new[](n, a, nothrow);
      EXPECT_TRUE(good(p, align, n));
      operator delete[](p, a, nothrow);
    }
  }
  void *none = nullptr;
  operator delete(none);
  operator delete[](none, size_t(8));
}

volatile size_t kMuch = SIZE_MAX / 2;

TEST(Operators, ThrowWithoutMemory) {
  EXPECT_THROW((void)operator new(kMuch), std::bad_alloc);
  EXPECT_THROW((void)operator new[](kMuch), std::bad_alloc);
  EXPECT_THROW((void)operator new(kMuch, align_val_t(64)), std::bad_alloc);
  EXPECT_THROW((void)operator new[](kMuch, align_val_t(64)), std::bad_alloc);
  EXPECT_EQ(operator new(kMuch, nothrow), nullptr);
  EXPECT_EQ(operator new[](kMuch, nothrow), nullptr);
  EXPECT_EQ(operator new(kMuch, align_val_t(64), nothrow), nullptr);
  EXPECT_EQ(operator new[](kMuch, align_val_t(64), nothrow), nullptr);
}

int calls;

TEST(Operators, CallTheHandler) {
  auto handler = [] {
    if (++calls % 3 == 0)
      throw std::bad_alloc();
  };
  std::new_handler before = std::set_new_handler(handler);
  calls = 0;
  EXPECT_THROW((void)operator new(kMuch), std::bad_alloc);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(operator new(kMuch, nothrow), nullptr) << "what the handler throws is caught";
  EXPECT_EQ(calls, 6);
  EXPECT_THROW((void)operator new(kMuch, align_val_t(64)), std::bad_alloc);
  EXPECT_EQ(calls, 9);
  std::set_new_handler(before);
}

/// What the handler frees is enough.
TEST(Operators, HandlerMakesRoom) {
  std::set_new_handler([] {
    kMuch = 1000;
    std::set_new_handler(nullptr);
  });
  EXPECT_THROW((void)operator new(kMuch), std::bad_alloc) << "the handler is gone the second time";
  kMuch = SIZE_MAX / 2;
}

} // namespace

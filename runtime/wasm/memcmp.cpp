//===- memcmp.cpp - memcmp without a C library -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Dicts compare keys with it. WebAssembly has instructions for copying and filling, but
// none for this. In a file of its own: a program's own memcmp comes before it.
//
//===----------------------------------------------------------------------===//

#if defined(__wasm__) && !defined(__wasi__)

#include <stddef.h>

// The compiler knows the prototype.
#pragma clang diagnostic ignored "-Wmissing-prototypes"

extern "C" __attribute__((weak, visibility("default"))) int memcmp(const void *a, const void *b,
                                                                   size_t n) {
  auto *p = static_cast<const unsigned char *>(a);
  auto *q = static_cast<const unsigned char *>(b);
  for (size_t i = 0; i < n; ++i)
    if (p[i] != q[i])
      return p[i] - q[i];
  return 0;
}

#endif

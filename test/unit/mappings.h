//===- mappings.h - A process that has all mappings it may have ----*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TEST_UNIT_MAPPINGS_H
#define CAIRN_TEST_UNIT_MAPPINGS_H

#include <cstddef>
#include <sys/mman.h>

namespace test {

/// All mappings that the system lets the process have, until they are given back one by one. For a
/// process of its own.
class Mappings {
public:
  Mappings()
      : All(static_cast<char *>(mmap(nullptr, kPages * kPage, PROT_NONE,
                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {
    while (All != MAP_FAILED && Taken < kPages / 2 &&
           mprotect(All + (2 * Taken + 1) * kPage, kPage, PROT_READ) == 0)
      ++Taken;
  }
  Mappings(const Mappings &) = delete;
  void giveOne() {
    // A page that is as the others again is two mappings less; the first page is one by itself.
    if (!Split)
      mprotect(All + (2 * --Taken + 1) * kPage, kPage, PROT_NONE);
    Split = !Split;
    mprotect(All, kPage, Split ? PROT_READ | PROT_WRITE : PROT_NONE);
  }

private:
  static constexpr size_t kPage = 4096, kPages = size_t(1) << 18;
  char *All;
  size_t Taken = 0; ///< Pages, each of which splits the rest once more.
  bool Split = false;
};

} // namespace test

#endif // CAIRN_TEST_UNIT_MAPPINGS_H

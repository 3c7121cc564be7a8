//===- support.h - What the JIT's tests share -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TEST_JIT_SUPPORT_H
#define CAIRN_TEST_JIT_SUPPORT_H

#include "cairn/jit.h"
#include "gtest/gtest.h"

namespace cairn::test {

inline std::string text(llvm::Error E) { return E ? toString(std::move(E)) : std::string(); }

inline std::unique_ptr<jit::Session> session(const jit::SessionOptions &Options = {}) {
  auto S = jit::Session::create(Options);
  EXPECT_EQ(text(S.takeError()), "");
  return S ? std::move(*S) : nullptr;
}

template <typename F> F *function(jit::Session &S, llvm::StringRef Name) {
  auto Found = S.function<F>(Name);
  EXPECT_EQ(text(Found.takeError()), "");
  return Found ? *Found : nullptr;
}

/// A heap of its own for a test, which must be empty at the end.
class OwnHeap {
public:
  explicit OwnHeap(size_t Size = size_t(64) << 20) {
    cairn_heap_options Options = {Size, "test", false};
    Heap = cairn_heap_create(&Options);
  }
  ~OwnHeap() {
    EXPECT_TRUE(cairn_heap_check(Heap));
    cairn_heap_destroy(Heap);
  }
  operator cairn_heap *() const { return Heap; }
  uint64_t live() const {
    cairn_stats Stats;
    cairn_stats_get(Heap, &Stats);
    return Stats.live_objects + Stats.live_blocks;
  }

private:
  cairn_heap *Heap;
};

} // namespace cairn::test

#endif // CAIRN_TEST_JIT_SUPPORT_H

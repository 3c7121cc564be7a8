//===- constant_type_test.cpp - Descriptors in read-only memory --*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Many threads meet constant descriptors that must be numbered for the first time: each has
// one number, of which all learn, and every finaliser runs once for each object.
//
//===----------------------------------------------------------------------===//

#include "support.h"

#include <atomic>
#include <sys/mman.h>
#include <thread>

namespace {

constexpr int kThreads = 8, kTypes = 64, kObjects = 20;

std::atomic<int> ready, dropped;
void count(void *) { ++dropped; }

/// Descriptors of their own in each round, in pages that are read-only before any thread sees
/// them, or that can be written.
struct Types {
  explicit Types(bool constant) {
    void *pages = mmap(nullptr, sizeof(cairn_type) * kTypes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    all = static_cast<cairn_type *>(pages);
    for (int i = 0; i < kTypes; ++i) {
      static const uint32_t far[] = {0, 136};
      all[i] = i % 2 ? cairn_type{144, 8, 2, 0, 0, far, nullptr, "wide"}
                     : cairn_type{16, 8, 0, 0, 0, nullptr, count, "final"};
    }
    if (constant)
      mprotect(pages, sizeof(cairn_type) * kTypes, PROT_READ);
  }
  cairn_type *all; ///< Registered for good: never unmapped.
};

uint32_t headerOf(void *object) { return static_cast<uint32_t *>(object)[-1]; }

void firstAllocations(bool constant) {
  Types types(constant);
  uint32_t header[kThreads][kTypes] = {};
  ready = 0;
  dropped = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (++ready; ready < kThreads;)
        std::this_thread::yield();
      for (int i = 0; i < kTypes; ++i) {
        void *kept[kObjects];
        for (void *&object : kept) {
          object = cairn_alloc(&types.all[i]);
          ASSERT_NE(object, nullptr);
          if (!header[t][i])
            header[t][i] = headerOf(object);
          EXPECT_EQ(headerOf(object), header[t][i]);
        }
        for (void *object : kept)
          cairn_decref(object);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(dropped, kThreads * kObjects * kTypes / 2);
  for (int i = 0; i < kTypes; ++i) {
    EXPECT_EQ(types.all[i].meta, constant ? 0 : header[0][i]);
    for (int t = 0; t < kThreads; ++t)
      EXPECT_EQ(header[t][i], header[0][i]) << "type " << i << ", thread " << t;
    for (int other = 0; other < i; ++other)
      EXPECT_NE(header[0][i], header[0][other]) << i << " and " << other;
  }
}

TEST(ConstantTypes, ThreadsThatMeetThemAtOnceFindOneNumber) {
  for (int round = 0; round < 3; ++round)
    firstAllocations(/*constant=*/true);
}

TEST(ConstantTypes, TheNumberOfAVariableIsWrittenIntoIt) { firstAllocations(/*constant=*/false); }

TEST(ConstantTypes, ArraysOfThemHaveTheirNumberToo) {
  Types types(/*constant=*/true);
  dropped = 0;
  void *array = cairn_alloc_array(&types.all[0], 7), *object = cairn_alloc(&types.all[0]);
  EXPECT_EQ(headerOf(array) & ~cairn::kMetaArray, headerOf(object));
  cairn_decref(array);
  cairn_decref(object);
  EXPECT_EQ(dropped, 8);
}

} // namespace

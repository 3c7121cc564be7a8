//===- support.h - What the unit tests share -----------------------*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef CAIRN_TEST_UNIT_SUPPORT_H
#define CAIRN_TEST_UNIT_SUPPORT_H

#include "cairn.h"
#include "cairn/abi.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAIRN_TEST_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define CAIRN_TEST_TSAN 1
#endif
#endif
#ifndef CAIRN_TEST_ASAN
#define CAIRN_TEST_ASAN 0
#endif
#ifndef CAIRN_TEST_TSAN
#define CAIRN_TEST_TSAN 0
#endif

namespace test {

/// Whether CAIRN_CHECK=1 makes every heap of this run a checked one.
inline bool checkedRun() {
  const char *wish = getenv("CAIRN_CHECK");
  return wish && *wish && *wish != '0';
}

/// An iteration count; a fraction of it where every step is slow.
inline uint64_t times(uint64_t n, uint64_t divisor = 20) {
  bool slow = CAIRN_TEST_ASAN || CAIRN_TEST_TSAN || checkedRun();
  return slow && n / divisor ? n / divisor : n;
}

/// A heap for the length of a test.
class Heap {
public:
  explicit Heap(size_t size = 0, bool checked = false, const char *name = "test") {
    cairn_heap_options options = {size, name, checked};
    H = cairn_heap_create(&options);
  }
  Heap(const Heap &) = delete;
  ~Heap() {
    if (H)
      cairn_heap_destroy(H);
  }
  operator cairn_heap *() const { return H; }

private:
  cairn_heap *H;
};

inline cairn_stats statsOf(cairn_heap *heap) {
  cairn_stats s;
  cairn_stats_get(heap, &s);
  return s;
}

/// Records errors instead of ending the process.
class Errors {
public:
  struct One {
    cairn_error_kind kind;
    const void *p;
    std::string message;
  };
  Errors() { cairn_set_error_handler(record, this); }
  Errors(const Errors &) = delete;
  ~Errors() { cairn_set_error_handler(nullptr, nullptr); }
  /// The errors since the last call.
  std::vector<One> take() {
    std::vector<One> seen;
    seen.swap(Seen);
    return seen;
  }

private:
  static void record(cairn_error_kind kind, const void *p, const char *message, void *context) {
    static_cast<Errors *>(context)->Seen.push_back({kind, p, message});
  }
  std::vector<One> Seen;
};

/// Expects exactly one error, of this kind, at p, whose message has this part.
inline void expectError(Errors &errors, cairn_error_kind kind, const void *p, const char *part) {
  std::vector<Errors::One> seen = errors.take();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].kind, kind) << seen[0].message;
  EXPECT_EQ(seen[0].p, p) << seen[0].message;
  EXPECT_NE(seen[0].message.find(part), std::string::npos) << seen[0].message;
}

/// Runs f in a thread with this much stack, and waits for it.
void onStack(size_t bytes, const std::function<void()> &f);

/// Bytes of the process that are in memory, and that are mapped.
size_t residentBytes();
size_t mappedBytes();

/// Whether p[0..n) all read as `value`.
inline bool allBytes(const void *p, size_t n, uint8_t value) {
  const uint8_t *b = static_cast<const uint8_t *>(p);
  for (size_t i = 0; i < n; ++i)
    if (b[i] != value)
      return false;
  return true;
}

inline int32_t &countWord(void *ref) { return static_cast<int32_t *>(ref)[-2]; }
inline uint32_t metaWord(const void *ref) { return static_cast<const uint32_t *>(ref)[-1]; }

inline bool alignedTo(const void *p, size_t align) {
  return reinterpret_cast<uintptr_t>(p) % align == 0;
}

/// Requests of the platform and the region since the last call.
uint64_t requests();

} // namespace test

// The inlined form: what generated code contains (runtime/fast/fast.cpp, compiled
// into the tests).
extern "C" {
cairn::Bins *cairn_fast_bins(void);
cairn::Bins *cairn_fast_bins_of(void *heap);
void *cairn_fast_malloc_n(cairn::Bins *bins, uint64_t n, void *heap);
void *cairn_fast_alloc(cairn::Bins *bins, uintptr_t bin, uint32_t meta, void *heap);
void *cairn_fast_try_alloc(cairn::Bins *bins, uintptr_t bin, uint32_t meta, void *heap);
void *cairn_fast_alloc_type(void *type, uint32_t tag, void *heap);
void cairn_fast_free(void *p);
void cairn_fast_free_sized(void *p, uint64_t n);
void cairn_fast_incref(void *ref);
void cairn_fast_decref(void *ref);
void cairn_fast_decref_leaf(void *ref);
bool cairn_fast_is_unique(void *ref);
}

#endif // CAIRN_TEST_UNIT_SUPPORT_H

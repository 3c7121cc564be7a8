//===- containers_test.cpp - Byte arrays, strings, lists, dicts -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "cairn/containers.h"

#include <gtest/gtest.h>

#include <csetjmp>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

extern "C" int64_t sumFromC(const void *list);

namespace {

struct Heap {
  explicit Heap(size_t size = 0) {
    cairn_heap_options options = {size, "test", false};
    H = cairn_heap_create(&options);
  }
  ~Heap() {
    EXPECT_TRUE(cairn_heap_check(H));
    cairn_heap_destroy(H);
  }
  operator cairn_heap *() const { return H; }
  uint64_t live() const {
    cairn_stats stats;
    cairn_stats_get(H, &stats);
    return stats.live_objects;
  }
  cairn_heap *H;
};

struct Errors {
  Errors() {
    cairn_set_error_handler(
        [](cairn_error_kind kind, const void *, const char *, void *context) {
          static_cast<Errors *>(context)->kinds.push_back(kind);
        },
        this);
  }
  ~Errors() { cairn_set_error_handler(nullptr, nullptr); }
  std::vector<cairn_error_kind> kinds;
};

int32_t wordAt(const void *p, int offset) {
  int32_t word;
  memcpy(&word, static_cast<const char *>(p) + offset, 4);
  return word;
}

TEST(ByteArray, LiesAsDrawn) {
  for (size_t size : {size_t(0), size_t(1) << 20}) {
    Heap heap(size);
    for (uint32_t elem : {1u, 2u, 3u, 4u, 8u, 16u, 24u})
      for (uint32_t n : {0u, 1u, 2u, 3u, 10u, 100u, 127u, 128u, 500u, 4000u}) {
        void *array = cairn_heap_alloc_byte_array(heap, n, elem);
        char *data = static_cast<char *>(cairn_byte_array_data(array));
        EXPECT_EQ(data, static_cast<char *>(array) + 4);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % 16, 0u);
        EXPECT_EQ(wordAt(data, -12), 1);
        EXPECT_EQ(wordAt(data, -8), int32_t(n));
        EXPECT_EQ(wordAt(data, -4), int32_t(n));
        for (size_t i = 0; i < size_t(n) * elem; ++i)
          ASSERT_EQ(data[i], 0);
        memset(data, 0xff, size_t(n) * elem);
        EXPECT_EQ(cairn_byte_array_length(array), n);
        EXPECT_EQ(cairn_byte_array_elem_size(array), elem);
        EXPECT_TRUE(cairn_is_byte_array(array));
        EXPECT_EQ(cairn_resolve(data), array);
        EXPECT_EQ(cairn_resolve(static_cast<char *>(array) - 8), array);
        EXPECT_EQ(cairn_length(array), n);
        cairn_incref(array);
        EXPECT_EQ(wordAt(data, -12), 2);
        cairn_decref(array);
        cairn_decref(array);
        EXPECT_EQ(cairn_resolve(data), nullptr);
        EXPECT_EQ(heap.live(), 0u);
      }
  }
}

TEST(ByteArray, FullHeap) {
  Heap heap(1 << 18);
  std::vector<void *> arrays;
  while (void *array = cairn_heap_try_alloc_byte_array(heap, 25, 4))
    arrays.push_back(array);
  EXPECT_GT(arrays.size(), 1000u);
  EXPECT_EQ(cairn_heap_try_alloc_byte_array(heap, 0x7fffffff, 1024), nullptr);
  for (void *array : arrays) {
    EXPECT_EQ(cairn_byte_array_elem_size(array), 4u);
    cairn_decref(array);
  }
  EXPECT_EQ(heap.live(), 0u);
  Errors errors;
  EXPECT_EQ(cairn_heap_try_alloc_byte_array(heap, 0x80000000, 1), nullptr);
  EXPECT_EQ(cairn_heap_try_alloc_byte_array(heap, 1, 0), nullptr);
  EXPECT_EQ(errors.kinds, (std::vector{CAIRN_ERROR_USAGE, CAIRN_ERROR_USAGE}));
}

TEST(String, LiesAsDrawn) {
  Heap heap;
  const char text[] = "caf\xc3\xa9";
  void *s = cairn_heap_alloc_string(heap, text, 5);
  EXPECT_EQ(wordAt(s, -8), 1);
  EXPECT_EQ(wordAt(s, -4), 5);
  EXPECT_EQ(memcmp(s, text, 5), 0);
  cairn_decref(s);
  EXPECT_EQ(heap.live(), 0u);
}

TEST(List, Integers) {
  Heap heap;
  for (uint32_t elem : {1u, 2u, 4u, 8u}) {
    void *list = cairn_heap_alloc_list(heap, 0, elem);
    int64_t sum = 0;
    for (int i = 0; i < 1000; ++i) {
      cairn_list_append(list, i % 100 - 50);
      sum += i % 100 - 50;
    }
    EXPECT_EQ(cairn_list_length(list), 1000u);
    EXPECT_EQ(cairn_list_elem_size(list), elem);
    EXPECT_EQ(cairn_list_kind(list), CAIRN_VALUE_INT);
    EXPECT_EQ(sumFromC(list), sum);
    cairn_list_set(list, 7, -3);
    EXPECT_EQ(cairn_list_get(list, 7), -3);
    EXPECT_NE(cairn_list_data(list), nullptr);
    EXPECT_TRUE(cairn_is_list(list));
    EXPECT_FALSE(cairn_is_dict(list));
    EXPECT_EQ(heap.live(), 2u);
    cairn_decref(list);
    EXPECT_EQ(heap.live(), 0u);
  }
}

TEST(List, Floats) {
  Heap heap;
  for (uint32_t elem : {4u, 8u}) {
    void *list = cairn_heap_alloc_list(heap, 2, elem);
    for (int i = 0; i < 100; ++i)
      cairn_list_append_float(list, i / 4.0);
    cairn_list_set_float(list, 0, -1.5);
    EXPECT_EQ(cairn_list_get_float(list, 0), -1.5);
    EXPECT_EQ(cairn_list_get_float(list, 99), 24.75);
    cairn_decref(list);
  }
  EXPECT_EQ(heap.live(), 0u);
}

TEST(List, References) {
  Heap heap;
  void *list = cairn_heap_alloc_list(heap, 8, 8);
  std::vector<void *> objects;
  for (int i = 0; i < 100; ++i) {
    void *object =
        i % 2 ? cairn_heap_alloc_byte_array(heap, 3, 8) : cairn_heap_alloc_string(heap, "abc", 3);
    cairn_list_append_ref(list, object);
    EXPECT_EQ(cairn_refcount(object), 2);
    cairn_decref(object);
    objects.push_back(object);
  }
  cairn_list_append_ref(list, nullptr);
  EXPECT_EQ(cairn_list_get_ref(list, 100), nullptr);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(cairn_list_get_ref(list, i), objects[i]);
  cairn_list_set_ref(list, 0, objects[1]);
  EXPECT_EQ(cairn_refcount(objects[1]), 2);
  cairn_list_set_ref(list, 0, cairn_list_get_ref(list, 0));
  EXPECT_EQ(cairn_refcount(objects[1]), 2);
  EXPECT_EQ(heap.live(), 101u);
  cairn_decref(list);
  EXPECT_EQ(heap.live(), 0u);
}

TEST(List, DeepAndWideDrops) {
  Heap heap;
  void *top = cairn_heap_alloc_list(heap, 1, 8);
  for (int i = 0; i < 200000; ++i) {
    void *above = cairn_heap_alloc_list(heap, 1, 8);
    cairn_list_append_ref(above, top);
    void *array = cairn_heap_alloc_byte_array(heap, 1, 8);
    cairn_list_append_ref(above, array);
    cairn_decref(array);
    cairn_decref(top);
    top = above;
  }
  cairn_decref(top);
  EXPECT_EQ(heap.live(), 0u);
}

TEST(List, Misuse) {
  Heap heap;
  void *list = cairn_heap_alloc_list(heap, 8, 8);
  void *dict = cairn_heap_alloc_dict(heap, 8);
  cairn_list_append(list, 1);
  Errors errors;
  EXPECT_EQ(cairn_list_get(list, 1), 0);
  cairn_list_set(list, 0xffffffff, 1);
  cairn_list_append_ref(list, dict);
  EXPECT_EQ(cairn_list_get_ref(list, 0), nullptr);
  EXPECT_EQ(cairn_list_length(dict), 0u);
  EXPECT_EQ(cairn_heap_alloc_list(heap, 1, 3), nullptr);
  int local = 0;
  EXPECT_EQ(cairn_list_length(&local), 0u);
  cairn_decref(list);
  EXPECT_EQ(cairn_list_length(list), 0u);
  EXPECT_EQ(errors.kinds, (std::vector{CAIRN_ERROR_BOUNDS, CAIRN_ERROR_BOUNDS, CAIRN_ERROR_KIND,
                                       CAIRN_ERROR_KIND, CAIRN_ERROR_KIND, CAIRN_ERROR_USAGE,
                                       CAIRN_ERROR_FOREIGN, CAIRN_ERROR_DEAD}));
  cairn_decref(dict);
  EXPECT_EQ(heap.live(), 0u);
}

TEST(Dict, Values) {
  Heap heap;
  void *dict = cairn_heap_alloc_dict(heap, 16);
  void *s = cairn_heap_alloc_string(heap, "value", 5);
  cairn_dict_set_int(dict, "i", 1, -7);
  cairn_dict_set_float(dict, "f", 1, 2.5);
  cairn_dict_set(dict, "s", 1, s);
  EXPECT_EQ(cairn_refcount(s), 2);
  EXPECT_EQ(cairn_dict_get_int(dict, "i", 1), -7);
  EXPECT_EQ(cairn_dict_get_float(dict, "f", 1), 2.5);
  EXPECT_EQ(cairn_dict_get(dict, "s", 1), s);
  EXPECT_EQ(cairn_dict_kind(dict, "s", 1), CAIRN_VALUE_REF);
  EXPECT_EQ(cairn_dict_get(dict, "none", 4), nullptr);
  EXPECT_EQ(cairn_dict_get(dict, "i", 1), nullptr);
  cairn_dict_set_int(dict, "s", 1, 3);
  EXPECT_EQ(cairn_refcount(s), 1);
  EXPECT_EQ(cairn_dict_length(dict), 3u);
  EXPECT_TRUE(cairn_dict_delete(dict, "s", 1));
  EXPECT_FALSE(cairn_dict_delete(dict, "s", 1));
  cairn_dict_set(dict, "", 0, s);
  cairn_decref(s);
  cairn_dict_cleanup(dict);
  EXPECT_EQ(cairn_dict_length(dict), 0u);
  EXPECT_EQ(heap.live(), 1u);
  cairn_dict_set_int(dict, "again", 5, 1);
  EXPECT_EQ(cairn_dict_get_int(dict, "again", 5), 1);
  cairn_decref(dict);
  EXPECT_EQ(heap.live(), 0u);
}

TEST(Dict, AgainstAModel) {
  Heap heap(size_t(32) << 20);
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    void *dict = cairn_heap_alloc_dict(heap, seed);
    std::map<std::string, int64_t> model;
    for (int step = 0; step < 5000; ++step) {
      std::string key = std::to_string(random() % 300);
      if (seed % 2)
        key += std::string(random() % 20, 'x');
      switch (random() % 3) {
      case 0:
        EXPECT_EQ(cairn_dict_delete(dict, key.data(), key.size()), model.erase(key) == 1);
        break;
      case 1:
        cairn_dict_set_int(dict, key.data(), key.size(), step);
        model[key] = step;
        break;
      default:
        EXPECT_EQ(cairn_dict_get_int(dict, key.data(), key.size()),
                  model.count(key) ? model[key] : 0);
      }
      ASSERT_EQ(cairn_dict_length(dict), model.size());
    }
    uint32_t at = 0;
    cairn_dict_entry entry;
    std::map<std::string, int64_t> seen;
    while (cairn_dict_next(dict, &at, &entry))
      seen[std::string(static_cast<char *>(entry.key), cairn_length(entry.key))] = entry.as_int;
    EXPECT_EQ(seen, model);
    cairn_decref(dict);
  }
  EXPECT_EQ(heap.live(), 0u);
}

TEST(Containers, FullHeapChangesNothing) {
  Heap heap(1 << 18);
  void *dict = cairn_heap_alloc_dict(heap, 0), *list = cairn_heap_alloc_list(heap, 0, 8);
  uint32_t n = 0;
  while (cairn_try_dict_set_int(dict, reinterpret_cast<char *>(&n), 4, n))
    ++n;
  EXPECT_GT(n, 100u);
  EXPECT_EQ(cairn_dict_length(dict), n);
  for (uint32_t i = 0; i < n; ++i)
    ASSERT_EQ(cairn_dict_get_int(dict, reinterpret_cast<char *>(&i), 4), i);
  cairn_dict_cleanup(dict);
  static jmp_buf jump;
  cairn_set_oom_handler(heap, [](const cairn_oom *, void *) -> bool { longjmp(jump, 1); }, nullptr);
  volatile uint32_t appended = 0;
  if (!setjmp(jump))
    for (;; appended = appended + 1)
      cairn_list_append(list, appended);
  EXPECT_EQ(cairn_list_length(list), appended);
  EXPECT_EQ(cairn_list_get(list, appended - 1), appended - 1);
  EXPECT_FALSE(cairn_try_list_append(list, 1));
  cairn_decref(list);
  cairn_decref(dict);
  EXPECT_EQ(heap.live(), 0u);
}

TEST(Containers, Shared) {
  Heap heap;
  void *dict = cairn_heap_alloc_dict(heap, 2), *list = cairn_heap_alloc_list(heap, 1, 8);
  cairn_dict_set(dict, "list", 4, list);
  cairn_share(dict);
  for (int i = 0; i < 100; ++i) {
    void *s = cairn_heap_alloc_string(heap, "x", 1);
    cairn_list_append_ref(list, s);
    EXPECT_EQ(cairn_refcount(s), 2);
    cairn_decref(s);
    std::string key = std::to_string(i);
    cairn_dict_set(dict, key.data(), key.size(), s);
  }
  cairn_decref(list);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    cairn_incref(dict);
    threads.emplace_back([=] {
      void *l = cairn_dict_get(dict, "list", 4);
      for (int i = 0; i < 1000; ++i) {
        void *s = cairn_list_get_ref(l, uint32_t(i % 100));
        cairn_incref(s);
        cairn_decref(s);
      }
      cairn_decref(dict);
    });
  }
  for (std::thread &thread : threads)
    thread.join();
  cairn_decref(dict);
  EXPECT_EQ(heap.live(), 0u);
}

} // namespace

//===- report_test.cpp - Statistics, walks and checks -------------------------===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "objects.h"

#include <cstdlib>
#include <cstring>
#include <map>
#include <thread>
#include <unistd.h>

using namespace cairn;

namespace {

using test::Node;
using test::nodeType;

struct Live {
  bool object;
  size_t size; ///< asked for
  uint32_t meta;
  int64_t count;
};

/// A random population of a heap, with what should be in it.
class Population {
public:
  Population(cairn_heap *heap, uint64_t seed) : H(heap), Random(seed) {}
  ~Population() {
    while (!All.empty())
      end(All.begin()->first);
  }
  void step() {
    if (!All.empty() && Random() % 5 < 2) {
      auto it = All.begin();
      std::advance(it, Random() % std::min<size_t>(All.size(), 20));
      end(it->first);
      return;
    }
    size_t n = Random() % 20 ? Random() % 600 : Random() % 20000;
    switch (Random() % 4) {
    case 0:
      add(cairn_heap_malloc(H, n), {false, n, 0, 0});
      break;
    case 1:
      add(cairn_heap_try_alloc_bytes(H, n), {true, n, uint32_t(n), 1});
      break;
    case 2:
      add(cairn_heap_try_alloc(H, &nodeType), {true, sizeof(Node), nodeType.meta, 1});
      break;
    default:
      add(cairn_heap_try_alloc_array(H, &cairn_type_byte, n),
          {true, n, kMetaTyped | kMetaArray, 1});
    }
  }
  std::map<void *, Live> All;

private:
  void add(void *p, Live live) {
    if (!p)
      return;
    if (live.object)
      for (uint64_t i = Random() % 3; i; --i, ++live.count)
        cairn_incref(p);
    else
      memset(p, 0xff, live.size);
    All[p] = live;
  }
  void end(void *p) {
    Live live = All[p];
    All.erase(p);
    if (!live.object)
      cairn_free(p);
    for (int64_t i = 0; i < live.count; ++i)
      cairn_decref(p);
  }
  cairn_heap *H;
  std::mt19937_64 Random;
};

struct Walked {
  std::map<void *, cairn_block> blocks;
};
bool visit(const cairn_block *b, void *context) {
  EXPECT_TRUE(static_cast<Walked *>(context)->blocks.insert({b->p, *b}).second) << "twice";
  return true;
}

class Reports : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Heaps, Reports, testing::Range(0, 4));

TEST_P(Reports, AgreeWithAModel) {
  size_t size = GetParam() % 2 ? size_t(2) << 20 : size_t(64) << 20;
  test::Heap heap(size, GetParam() >= 2);
  Population model(heap, 7);
  size_t mostUsed = 0;
  for (uint64_t i = 0; i < test::times(4000); ++i) {
    model.step();
    cairn_stats s = test::statsOf(heap);
    mostUsed = std::max(mostUsed, s.used);
    if (i % 50)
      continue;
    uint64_t blocks = 0, objects = 0;
    size_t asked = 0;
    for (auto &[p, live] : model.All) {
      ++(live.object ? objects : blocks);
      asked += live.size;
    }
    ASSERT_EQ(s.live_blocks, blocks);
    ASSERT_EQ(s.live_objects, objects);
    ASSERT_GE(s.live_bytes, asked);
    ASSERT_LE(s.live_bytes, s.used);
    ASSERT_EQ(s.waste, s.used - s.live_bytes);
    ASSERT_GE(s.peak, mostUsed);
    ASSERT_LE(s.peak, size);
    ASSERT_EQ(s.region_size, size);
    uint64_t slabs = 0, raw = 0, inClasses = 0;
    size_t bytes = 0;
    for (unsigned c = 0; c < CAIRN_CLASSES; ++c) {
      const cairn_class_stats &k = s.classes[c];
      ASSERT_EQ(k.slot_size, sizeOfClass(c));
      slabs += k.slabs;
      raw += k.raw_blocks;
      inClasses += k.raw_blocks + k.objects;
      bytes += (k.raw_blocks + k.objects) * k.slot_size;
      ASSERT_TRUE(k.slabs || !(k.raw_blocks + k.objects));
    }
    ASSERT_EQ(slabs, s.slabs);
    ASSERT_EQ(inClasses + s.large_blocks, blocks + objects);
    ASSERT_LE(raw, blocks);
    ASSERT_EQ(bytes + s.large_bytes, s.live_bytes);

    Walked walked;
    cairn_heap_walk(heap, visit, &walked);
    ASSERT_EQ(walked.blocks.size(), model.All.size());
    for (auto &[p, live] : model.All) {
      auto it = walked.blocks.find(p);
      ASSERT_NE(it, walked.blocks.end());
      const cairn_block &b = it->second;
      ASSERT_EQ(b.object, live.object);
      ASSERT_GE(b.size, live.size);
      ASSERT_EQ(b.count, live.count);
      ASSERT_EQ(b.meta, live.meta);
      if (!live.object)
        ASSERT_EQ(b.size, cairn_usable_size(p));
    }
    ASSERT_TRUE(cairn_heap_check(heap));
  }
}

TEST(Report, WalkStopsWhenTold) {
  test::Heap heap;
  for (int i = 0; i < 100; ++i)
    cairn_heap_malloc(heap, size_t(i) * 100);
  int seen = 0;
  cairn_heap_walk(
      heap, [](const cairn_block *, void *n) { return ++*static_cast<int *>(n) < 7; }, &seen);
  EXPECT_EQ(seen, 7);
}

TEST(Report, FreshHeapIsEmpty) {
  test::Heap heap;
  cairn_stats s = test::statsOf(heap);
  EXPECT_EQ(s.used, 0u);
  EXPECT_EQ(s.peak, 0u);
  EXPECT_EQ(s.slow_paths, 0u);
  EXPECT_EQ(s.slabs, 0u);
  Walked walked;
  cairn_heap_walk(heap, visit, &walked);
  EXPECT_TRUE(walked.blocks.empty());
  EXPECT_TRUE(cairn_heap_check(heap));
  cairn_free(cairn_heap_malloc(heap, 10));
  EXPECT_GE(test::statsOf(heap).slow_paths, 1u);
}

TEST(Report, FastPathsAreNoSlowPaths) {
  if (test::checkedRun())
    GTEST_SKIP() << "no fast path is taken";
  test::Heap heap;
  cairn_free(cairn_heap_malloc(heap, 48));
  uint64_t before = test::statsOf(heap).slow_paths;
  for (int i = 0; i < 10000; ++i)
    cairn_fast_free(cairn_fast_malloc_n(cairn_fast_bins_of(heap), 48, heap));
  EXPECT_EQ(test::statsOf(heap).slow_paths, before);
}

/// What f writes to standard error.
std::string errorOutput(const std::function<void()> &f) {
  fflush(stderr);
  int old = dup(2);
  FILE *file = tmpfile();
  dup2(fileno(file), 2);
  f();
  dup2(old, 2);
  close(old);
  rewind(file);
  std::string text;
  for (int c; (c = fgetc(file)) != EOF;)
    text += char(c);
  fclose(file);
  return text;
}

/// A small reader of JSON: enough to see that a text is well formed, and to find the
/// numbers of the outermost object.
class Json {
public:
  explicit Json(const std::string &text) : At(text.c_str()) {
    Good = value("");
    space();
    Good = Good && !*At;
  }
  bool Good;
  std::map<std::string, uint64_t> Numbers;
  std::map<std::string, std::string> Strings;

private:
  void space() {
    while (*At == ' ' || *At == '\n')
      ++At;
  }
  bool skip(char c) {
    space();
    return *At == c && ++At;
  }
  bool string(std::string &s) {
    if (!skip('"'))
      return false;
    for (; *At && *At != '"'; ++At) {
      if (static_cast<unsigned char>(*At) < 32)
        return false;
      if (*At == '\\' && *++At != '"' && *At != '\\')
        return false;
      s += *At;
    }
    return *At++ == '"';
  }
  bool value(const std::string &path) {
    space();
    if (*At == '"')
      return string(Strings[path]);
    if (*At >= '0' && *At <= '9') {
      char *end;
      Numbers[path] = strtoull(At, &end, 10);
      At = end;
      return true;
    }
    if (skip('{')) {
      if (skip('}'))
        return true;
      do {
        std::string name;
        if (!string(name) || !skip(':') || !value(path + "." + name))
          return false;
      } while (skip(','));
      return skip('}');
    }
    if (skip('[')) {
      if (skip(']'))
        return true;
      int i = 0;
      do
        if (!value(path + "." + std::to_string(i++)))
          return false;
      while (skip(','));
      return skip(']');
    }
    return false;
  }
  const char *At;
};

TEST(Report, JsonParsesAndHasTheFigures) {
  test::Heap heap(0, false, "a \"name\"\\ with\na line");
  Population model(heap, 3);
  for (int i = 0; i < 2000; ++i)
    model.step();
  std::string text = errorOutput([&] { cairn_stats_print(heap, true); });
  EXPECT_EQ(text.find('\n'), text.size() - 1) << "one line";
  Json json(text);
  ASSERT_TRUE(json.Good) << text;
  cairn_stats s = test::statsOf(heap);
  EXPECT_EQ(json.Strings[".heap"], "a \"name\"\\ with a line");
  EXPECT_EQ(json.Numbers[".used"], s.used);
  EXPECT_EQ(json.Numbers[".live_blocks"], s.live_blocks);
  EXPECT_EQ(json.Numbers[".live_objects"], s.live_objects);
  EXPECT_EQ(json.Numbers[".live_bytes"], s.live_bytes);
  EXPECT_EQ(json.Numbers[".region_size"], s.region_size);
  EXPECT_EQ(json.Numbers[".slow_paths"], s.slow_paths);
  unsigned at = 0;
  for (const cairn_class_stats &c : s.classes) {
    if (!c.slabs)
      continue;
    std::string path = ".classes." + std::to_string(at++);
    EXPECT_EQ(json.Numbers[path + ".slot_size"], c.slot_size);
    EXPECT_EQ(json.Numbers[path + ".objects"], c.objects);
    EXPECT_EQ(json.Numbers[path + ".raw_blocks"], c.raw_blocks);
  }
  EXPECT_EQ(json.Numbers.count(".classes." + std::to_string(at) + ".slabs"), 0u);
}

TEST(Report, TextHasTheFigures) {
  test::Heap heap(1 << 20, false, nullptr);
  void *p = cairn_heap_malloc(heap, 100);
  void *o = cairn_heap_alloc(heap, &nodeType);
  std::string text = errorOutput([&] { cairn_stats_print(heap, false); });
  EXPECT_NE(text.find("cairn heap unnamed: 1 object and 1 raw block live"), std::string::npos)
      << text;
  EXPECT_NE(text.find("region 1048576 bytes"), std::string::npos);
  cairn_free(p);
  cairn_decref(o);
}

/// CAIRN_STATS shows a heap that is destroyed before the process ends, and only if it is set.
TEST(Report, AHeapIsShownWhenItEnds) {
  const char *own = getenv("CAIRN_STATS");
  std::string before = own ? own : "";
  for (const char *wish : {"json", "0", ""}) {
    setenv("CAIRN_STATS", wish, 1);
    std::string text = errorOutput([] {
      cairn_heap_options options = {1 << 20, "short-lived", false};
      cairn_heap *heap = cairn_heap_create(&options);
      cairn_heap_alloc_bytes(heap, 10);
      cairn_heap_destroy(heap);
    });
    bool shown = text.find("\"heap\":\"short-lived\"") != std::string::npos &&
                 text.find("\"live_objects\":1") != std::string::npos;
    EXPECT_EQ(shown, *wish == 'j') << text;
    EXPECT_EQ(text.empty(), *wish != 'j') << text;
  }
  own ? setenv("CAIRN_STATS", before.c_str(), 1) : unsetenv("CAIRN_STATS");
}

//===----------------------------------------------------------------------===//
// cairn_heap_check
//===----------------------------------------------------------------------===//

class Corrupt : public testing::TestWithParam<size_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, Corrupt, testing::Values(size_t(1) << 20, size_t(64) << 20));

/// Fills a bin's stack, so that what is freed next goes to its slab's list.
template <typename Make, typename Free> void fillStack(Make make, Free release) {
  void *all[1 << kMostStackShift];
  for (void *&p : all)
    p = make();
  for (void *p : all)
    release(p);
}

TEST_P(Corrupt, FreeListLinksAreSeen) {
  if (test::checkedRun())
    GTEST_SKIP() << "freed blocks are held back: nothing in them is used";
  test::Heap heap(GetParam());
  test::Errors errors;
  int local = 0;
  void **p = static_cast<void **>(cairn_heap_malloc(heap, 64));
  void **q = static_cast<void **>(cairn_heap_malloc(heap, 64));
  cairn_heap_malloc(heap, 64); // stays, and the slab with it
  fillStack([&] { return cairn_heap_malloc(heap, 64); }, cairn_free);
  cairn_free(q);
  cairn_free(p); // p's first word is a link to q
  EXPECT_TRUE(cairn_heap_check(heap));
  void *link = *p;
  void *wrong[] = {&local,
                   reinterpret_cast<void *>(0x4141414141414141),
                   reinterpret_cast<char *>(q) + 8,
                   p, // a ring
                   static_cast<char *>(cairn_heap_base(heap)) + 70000,
                   reinterpret_cast<void *>(1)};
  for (void *w : wrong) {
    *p = w;
    EXPECT_FALSE(cairn_heap_check(heap)) << w;
    test::expectError(errors, CAIRN_ERROR_CORRUPT, w, "free list is corrupt");
  }
  *p = link;
  EXPECT_TRUE(cairn_heap_check(heap));
  EXPECT_TRUE(errors.take().empty());
}

TEST_P(Corrupt, ObjectLinksAndCountsAreSeen) {
  if (test::checkedRun())
    GTEST_SKIP() << "freed blocks are held back: nothing in them is used";
  test::Heap heap(GetParam());
  test::Errors errors;
  void **p = static_cast<void **>(cairn_heap_alloc(heap, &nodeType));
  cairn_heap_alloc(heap, &nodeType);
  fillStack([&] { return cairn_heap_alloc(heap, &nodeType); }, cairn_decref);
  cairn_decref(p);
  void *link = *p;
  *p = p;
  EXPECT_FALSE(cairn_heap_check(heap));
  test::expectError(errors, CAIRN_ERROR_CORRUPT, p, "corrupt");
  *p = link;
  EXPECT_TRUE(cairn_heap_check(heap));
  test::countWord(p) = 3; // a stray write to a dead object's count
  EXPECT_FALSE(cairn_heap_check(heap));
  test::expectError(errors, CAIRN_ERROR_CORRUPT, p, "count is not 0");
  test::countWord(p) = 0;
  EXPECT_TRUE(cairn_heap_check(heap));
}

TEST_P(Corrupt, RemoteListsAreSeen) {
  if (test::checkedRun())
    GTEST_SKIP() << "freed blocks are held back: nothing in them is used";
  test::Heap heap(GetParam());
  test::Errors errors;
  void **p = static_cast<void **>(cairn_heap_malloc(heap, 64));
  void **q = static_cast<void **>(cairn_heap_malloc(heap, 64));
  std::thread([&] {
    cairn_free(q);
    cairn_free(p);
  }).join();
  EXPECT_TRUE(cairn_heap_check(heap));
  void *link = *p;
  *p = reinterpret_cast<char *>(q) + 16;
  EXPECT_FALSE(cairn_heap_check(heap));
  test::expectError(errors, CAIRN_ERROR_CORRUPT, *p, "corrupt");
  *p = link;
  EXPECT_TRUE(cairn_heap_check(heap));
}

} // namespace

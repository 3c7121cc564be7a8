//===- print.cpp - A heap's figures as text and as JSON -*- C++ -*-===//
//
// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heap/heap.h"
#if !defined(__wasm__)
#include "heap/checked.h"
#endif
#include "platform/text.h"

namespace cairn {

namespace {

/// "1 slab", "2 slabs".
struct Count {
  uint64_t n;
  const char *what;
};
Text &operator<<(Text &out, Count c) {
  return out << c.n << " " << c.what << (c.n == 1 ? "" : "s");
}

void printText(Heap *heap, const cairn_stats &s) {
  Text out;
  out.streams = true;
  out << "cairn heap " << (heap->name ? heap->name : "unnamed") << ": "
      << Count{s.live_objects, "object"} << " and " << Count{s.live_blocks, "raw block"}
      << " live, " << Count{s.live_bytes, "byte"} << "\n"
      << "  used " << uint64_t(s.used) << ", peak " << uint64_t(s.peak) << ", waste "
      << uint64_t(s.waste) << ", region " << uint64_t(s.region_size) << " bytes\n"
      << "  " << Count{s.slabs, "slab"} << ", " << Count{s.large_blocks, "large block"} << " of "
      << Count{s.large_bytes, "byte"} << ", " << Count{s.slow_paths, "slow path"} << "\n";
  bool any = false;
  for (const cairn_class_stats &c : s.classes) {
    if (!c.slabs)
      continue;
    if (!any)
      out << "  slot size     slabs       raw   objects\n";
    any = true;
    auto column = [&](uint64_t n, unsigned width) {
      unsigned digits = 1;
      for (uint64_t m = n; m >= 10; m /= 10)
        ++digits;
      for (; digits < width; ++digits)
        out << " ";
      out << n;
    };
    column(c.slot_size, 11);
    column(c.slabs, 10);
    column(c.raw_blocks, 10);
    column(c.objects, 10);
    out << "\n";
  }
  out.flush();
}

void printJson(Heap *heap, const cairn_stats &s) {
  Text out;
  out.streams = true;
  auto member = [&](const char *name, uint64_t n) { out << ",\"" << name << "\":" << n; };
  out << "{\"heap\":\"";
  for (const char *c = heap->name ? heap->name : "unnamed"; *c; ++c) {
    char one[2] = {*c, 0};
    out << (*c == '"' || *c == '\\' ? "\\" : "") << ((unsigned char)(*c) < 32 ? " " : one);
  }
  out << "\"";
  member("region_size", s.region_size);
  member("used", s.used);
  member("peak", s.peak);
  member("live_blocks", s.live_blocks);
  member("live_objects", s.live_objects);
  member("live_bytes", s.live_bytes);
  member("waste", s.waste);
  member("slabs", s.slabs);
  member("large_blocks", s.large_blocks);
  member("large_bytes", s.large_bytes);
  member("slow_paths", s.slow_paths);
  out << ",\"classes\":[";
  const char *comma = "";
  for (const cairn_class_stats &c : s.classes) {
    if (!c.slabs)
      continue;
    out << comma << "{\"slot_size\":" << c.slot_size;
    member("slabs", c.slabs);
    member("raw_blocks", c.raw_blocks);
    member("objects", c.objects);
    out << "}";
    comma = ",";
  }
  out << "]}\n";
  out.flush();
}

} // namespace

namespace {

/// What CAIRN_STATS asks for: 0 for nothing, else its first letter.
char wished() {
  const char *wish = platform::environment("CAIRN_STATS");
  return !wish || (*wish == '0' && !wish[1]) ? 0 : *wish;
}

void print(Heap *heap, bool json) {
  cairn_stats stats;
  cairn_stats_get(reinterpret_cast<cairn_heap *>(heap), &stats);
  (json ? printJson : printText)(heap, stats);
}

#if defined(__wasm__)
void printAll(bool json) { print(defaultHeap(), json); }
#else
/// The default heap is left out where the program used heaps of its own instead.
void printAll(bool json) {
  uint32_t heaps = heapCount();
  for (uint32_t i = 0; i < heaps; ++i)
    if (Heap *heap = heapAt(i))
      if (heaps == 1 || heap != &cairn_default_heap_object || heap->space.peak())
        print(heap, json);
}
#endif

} // namespace

/// CAIRN_STATS=1 or =json prints every heap when it ends: the living ones with the process.
/// Called when a heap is made, under the process's lock.
void heapMade() {
  static bool known;
  static char wish;
  if (known)
    return;
  known = true;
#if !defined(__wasm__)
  watchLeaks();
#endif
  if ((wish = wished()))
    platform::atExit([] { printAll(wish == 'j'); });
}

void heapEnds(Heap *heap) {
  if (char wish = wished())
    print(heap, wish == 'j');
}

} // namespace cairn

using namespace cairn;

extern "C" {

CAIRN_API void cairn_stats_print(cairn_heap *h, bool json) {
  if (Heap *heap = orDefault(h))
    print(heap, json);
}

} // extern "C"

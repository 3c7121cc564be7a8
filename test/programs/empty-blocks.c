/*===- empty-blocks.c - Blocks of no bytes, from every call that gives some ---===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A block of no bytes has an address of its own: no other live block starts there, and it
 * can be freed, with its size or without, and resized, whatever its alignment, and whatever
 * lies behind it.
 *
 *===------------------------------------------------------------------------===*/
#define _GNU_SOURCE
#include <cairn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned faults;
static void expect(bool holds, const char *what, size_t align) {
  if (!holds && ++faults <= 10)
    printf("wrong: %s, alignment %zu\n", what, align);
}

enum { kOwn, kHeap, kLibrary, kGivers };
static const char *const names[kGivers] = {"default heap", "made heap", "C library"};
static cairn_heap *made;

static void *give(int giver, size_t align, size_t n) {
  void *p = NULL;
  switch (giver) {
  case kOwn:
    return align <= 8 ? cairn_malloc(n) : cairn_aligned_alloc(align, n);
  case kHeap:
    return align <= 8 ? cairn_heap_malloc(made, n) : cairn_heap_aligned_alloc(made, align, n);
  default:
    if (align <= 8)
      return malloc(n);
    return posix_memalign(&p, align, n) ? NULL : p;
  }
}

/* How the empty block goes. */
enum { kFree, kSized, kSmaller, kLarger, kWays };
static void take(int giver, int way, void *p) {
  bool library = giver == kLibrary;
  switch (way) {
  case kFree:
    library ? free(p) : cairn_free(p);
    return;
  case kSized:
    library ? free(p) : cairn_free_sized(p, 0);
    return;
  default: {
    size_t n = way == kSmaller ? 1 : 5000;
    unsigned char *q = library ? realloc(p, n) : cairn_realloc(p, n);
    expect(q != NULL, "no block after realloc", 0);
    if (!q)
      return;
    memset(q, 0xee, n);
    library ? free(q) : cairn_free(q);
  }
  }
}

enum { kBlocks = 24, kMost = 6000 };

/* Empty blocks and others by turns; the others keep what is written into them. */
static void among_others(int giver, size_t align, int way, size_t other, size_t other_align) {
  void *empty[kBlocks];
  unsigned char *full[kBlocks];
  for (int i = 0; i < kBlocks; ++i) {
    empty[i] = give(giver, align, 0);
    full[i] = give(giver, other_align, other);
    expect(empty[i] && full[i] && (uintptr_t)empty[i] % align == 0, "no block", align);
    memset(full[i], i, other);
  }
  for (int i = 0; i < kBlocks; ++i)
    for (int j = 0; j < kBlocks; ++j) {
      expect(i == j || empty[i] != empty[j], "two empty blocks at one address", align);
      expect((unsigned char *)empty[i] < full[j] || (unsigned char *)empty[i] >= full[j] + other,
             "an empty block in another", align);
    }
  for (int i = 0; i < kBlocks; ++i) {
    int at = way % 2 ? kBlocks - 1 - i : i;
    if (at % 3) { /* before the block behind it, or after */
      take(giver, way, empty[at]);
      empty[at] = NULL;
    }
    for (size_t k = 0; k < other; ++k)
      if (full[at][k] != at) {
        expect(false, "what another block holds", align);
        break;
      }
    giver == kLibrary ? free(full[at]) : cairn_free(full[at]);
    if (empty[at])
      take(giver, way, empty[at]);
  }
}

int main(void) {
  cairn_heap_options options = {.name = "made", .size = 32 << 20};
  made = cairn_heap_create(&options);
  for (int giver = 0; giver < kGivers; ++giver) {
    for (size_t align = 8; align <= 32768; align *= 2)
      for (int way = 0; way < kWays; ++way)
        for (size_t other = 40; other <= kMost; other = other * 12) {
          among_others(giver, align, way, other, 8);
          among_others(giver, align, way, other, align);
        }
    expect(cairn_heap_check(NULL) && cairn_heap_check(made), "a heap that is not sound", 0);
    printf("%s: %u faults\n", names[giver], faults);
  }
  cairn_heap_destroy(made);
  return faults != 0;
}

/*===- blocks.c - Raw blocks: malloc, calloc, realloc, aligned, sized free ---===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Every block is filled to its end and checked before it goes, so that two blocks
 * that overlap, or a block shorter than asked for, show.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint32_t seed = 12345;
static uint32_t next(uint32_t below) {
  seed = seed * 1664525 + 1013904223;
  return (uint32_t)((uint64_t)(seed >> 4) * below >> 28);
}

static unsigned faults;
static void expect(bool holds, const char *what) {
  if (!holds && ++faults <= 10)
    printf("wrong: %s\n", what);
}

/* An allocation that is only compared with null may be removed, with the comparison:
 * what must happen is stored here. */
static void *volatile sink;
static bool refused(void *p) {
  sink = p;
  return !sink;
}

static bool filled(const unsigned char *p, unsigned char with, size_t n) {
  for (size_t i = 0; i < n; ++i)
    if (p[i] != with)
      return false;
  return true;
}

/* Mostly small, a few of many kilobytes. */
static size_t some_size(void) {
  uint32_t shape = next(100);
  return shape < 70 ? next(200) : shape < 98 ? next(2100) : next(100000);
}

static void churn(void) {
  enum { SLOTS = 500, STEPS = 200000 };
  static struct {
    unsigned char *p;
    size_t n;
  } slots[SLOTS];
  uint64_t bytes = 0;
  for (int i = 0; i < STEPS; ++i) {
    uint32_t s = next(SLOTS);
    unsigned char with = (unsigned char)s;
    if (!slots[s].p) {
      size_t n = some_size();
      bool zeroed = next(4) == 0;
      slots[s].p = zeroed ? cairn_calloc(1, n) : cairn_malloc(n);
      expect(slots[s].p != NULL, "no memory");
      expect((uintptr_t)slots[s].p % (n % 16 ? 8 : 16) == 0, "alignment");
      expect(!zeroed || filled(slots[s].p, 0, n), "calloc gives zeroes");
      slots[s].n = n;
      bytes += n;
      memset(slots[s].p, with, n);
      continue;
    }
    expect(filled(slots[s].p, with, slots[s].n), "contents");
    switch (next(3)) {
    case 0: {
      size_t n = some_size() + 1, old = slots[s].n;
      unsigned char *p = cairn_realloc(slots[s].p, n);
      expect(p && filled(p, with, old < n ? old : n), "realloc keeps the contents");
      memset(p, with, n);
      slots[s].p = p;
      slots[s].n = n;
      break;
    }
    case 1:
      cairn_free_sized(slots[s].p, slots[s].n);
      slots[s].p = NULL;
      break;
    default:
      cairn_free(slots[s].p);
      slots[s].p = NULL;
    }
  }
  for (int s = 0; s < SLOTS; ++s)
    cairn_free(slots[s].p);
  printf("churn: %" PRIu64 " bytes asked for\n", bytes);
}

static void aligned(void) {
  for (size_t align = 8; align <= 65536; align *= 2)
    for (size_t n = 1; n < 5000; n = n * 3 + 1) {
      unsigned char *p = cairn_aligned_alloc(align, n), *q = cairn_aligned_alloc(align, n);
      expect(p && q && p != q && (uintptr_t)p % align == 0 && (uintptr_t)q % align == 0,
             "aligned_alloc");
      expect(cairn_usable_size(p) >= n, "usable size");
      memset(p, 1, cairn_usable_size(p));
      memset(q, 2, cairn_usable_size(q));
      expect(filled(p, 1, n), "aligned blocks overlap");
      cairn_free(p);
      cairn_free_sized(q, n);
    }
  expect(refused(cairn_aligned_alloc(24, 8)), "an alignment that is no power of two");
}

static void edges(void) {
  expect(refused(cairn_calloc(SIZE_MAX / 2, 3)), "calloc overflow");
  expect(refused(cairn_malloc(SIZE_MAX)), "malloc(SIZE_MAX)");
  expect(refused(cairn_malloc(SIZE_MAX - 100)), "malloc near SIZE_MAX");
  char *p = cairn_malloc(10);
  memcpy(p, "123456789", 10);
  expect(refused(cairn_realloc(p, SIZE_MAX - 7)), "realloc near SIZE_MAX");
  expect(memcmp(p, "123456789", 10) == 0, "a failed realloc keeps the block");
  cairn_free(p);
  cairn_free(NULL);
  cairn_free_sized(NULL, 8);
  expect(cairn_usable_size(NULL) == 0, "usable size of NULL");
  void *zero = cairn_malloc(0), *again = cairn_malloc(0);
  expect(zero && again && zero != again, "malloc(0) gives blocks of their own");
  cairn_free(zero);
  cairn_free(again);
  p = cairn_realloc(NULL, 100);
  p = cairn_realloc(p, 0);
  expect(p && cairn_usable_size(p) >= 1, "realloc to 0");
  cairn_free(p);
}

int main(void) {
  churn();
  aligned();
  edges();
  printf("%u faults\n", faults);
  return faults != 0;
}

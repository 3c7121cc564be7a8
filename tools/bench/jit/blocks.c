/*===- blocks.c - Raw blocks of many sizes, and a table that grows ---------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include "timed.h"

#include <string.h>

enum { KEPT = 4096 };

static uint64_t work(void) {
  static char *kept[KEPT];
  static uint32_t sizes[KEPT];
  uint64_t sum = 0, random = 7;
  for (unsigned i = 0; i < 200000000; ++i) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    unsigned at = random % KEPT;
    if (kept[at]) {
      sum += (unsigned char)kept[at][sizes[at] - 1];
      cairn_free_sized(kept[at], sizes[at]);
    }
    uint32_t size = 16 + (random >> 32) % 240;
    char *block = cairn_malloc(size);
    if (!block)
      return 0;
    block[0] = block[size - 1] = (char)i;
    kept[at] = block;
    sizes[at] = size;
  }
  for (unsigned at = 0; at < KEPT; ++at)
    cairn_free(kept[at]);
  return sum;
}

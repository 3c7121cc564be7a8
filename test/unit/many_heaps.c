/*===- many_heaps.c - A thread that uses many heaps -----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/

#include <cairn.h>
#include <stdio.h>
#include <stdlib.h>

/* Makes N heaps, calls each three times, and destroys half of them: four times, and all of them at
 * the end. */
int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 0;
  cairn_heap **heaps = calloc((size_t)n + 1, sizeof *heaps);
  cairn_heap_options options = {.size = 256 << 10};
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < n; ++i)
      if (!heaps[i] && !(heaps[i] = cairn_heap_create(&options)))
        return 1;
    for (int call = 0; call < 3; ++call)
      for (int i = 0; i < n; ++i) {
        void *p = cairn_heap_malloc(heaps[i], 100);
        if (cairn_heap_of(p) != heaps[i])
          return 2;
        cairn_free(p);
      }
    for (int i = 0; i < n; i += round < 3 ? 2 : 1) {
      cairn_heap_destroy(heaps[i]);
      heaps[i] = NULL;
    }
  }
  free(heaps);
  return 0;
}

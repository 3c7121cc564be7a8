/*===- lost-blocks.c - Addresses of blocks in memory of the runtime's own --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 *   stacks  ten lost blocks, whose slots were on a stack of free slots before
 *   record  a lost block, whose address another one held when that was freed
 *   beside  blocks whose addresses lie in mappings of the program's, which the system joins with
 *           those of heaps: none is lost
 *
 *===------------------------------------------------------------------------===*/
#define _GNU_SOURCE
#include <cairn.h>
#include <string.h>
#include <sys/mman.h>

#define APART __attribute__((noinline))
APART static char *make(size_t size) { return memset(cairn_malloc(size), 0, size); }
APART static void give(void *block) { cairn_free(block); }

APART static void lose_from_stacks(void) {
  char *volatile all[64];
  for (int i = 0; i < 64; ++i)
    all[i] = make(48);
  for (int i = 0; i < 64; ++i) {
    give(all[i]);
    all[i] = NULL;
  }
  for (int i = 0; i < 10; ++i)
    make(48);
}

APART static void lose_behind_freed(void) {
  char **holder = (char **)make(48);
  *holder = make(200);
  give(holder);
}

static void keep_beside(void) {
  cairn_heap_options options = {.size = 1 << 20};
  for (int i = 0; i < 4; ++i) {
    cairn_heap *heap = cairn_heap_create(&options);
    char **mapped = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mapped[100] = cairn_heap_malloc(heap, 40);
    memset(mapped[100], 1, 40);
  }
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "stacks"))
    lose_from_stacks();
  else if (!strcmp(what, "record"))
    lose_behind_freed();
  else if (!strcmp(what, "beside"))
    keep_beside();
  return 0;
}

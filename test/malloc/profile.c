// Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Places that allocate by each function of malloc's family, in turn, in two threads. Prints for
// each its name, the bytes of a block, and how many blocks it made and how many of them are live.

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { kThreads = 2, kRounds = 20000 };
static void *volatile seen;

#define PLACE __attribute__((noinline)) static
#define RETURN(p)                                                                                  \
  void *made = p;                                                                                  \
  seen = made;                                                                                     \
  return made
PLACE void *kept_by_malloc(void) { RETURN(malloc(48)); }
PLACE void *freed_at_once(void) { RETURN(malloc(48)); }
PLACE void *kept_by_calloc(void) { RETURN(calloc(4, 100)); }
PLACE void *kept_by_alignment(void) { RETURN(aligned_alloc(64, 192)); }
PLACE void *grown_by_realloc(void) {
  void *p = malloc(1);
  RETURN(realloc(p, 1000));
}
PLACE void *large(void) { RETURN(malloc(100000)); }

static void *work(void *context) {
  void **freed = context;
  for (int i = 0; i < kRounds; ++i) {
    kept_by_malloc();
    for (int k = 0; k < 4; ++k)
      free(freed_at_once());
    if (i % 4 == 0) {
      kept_by_calloc();
      kept_by_alignment();
      grown_by_realloc();
    }
    if (i % 200 == 0) {
      void *p = large();
      if (i % 400 == 0)
        freed[i / 400] = p; // by another thread
    }
  }
  return NULL;
}

int main(void) {
  static void *freed[kThreads][kRounds / 400];
  pthread_t threads[kThreads];
  for (int i = 0; i < kThreads; ++i)
    pthread_create(&threads[i], NULL, work, freed[i]);
  for (int i = 0; i < kThreads; ++i)
    pthread_join(threads[i], NULL);
  for (int i = 0; i < kThreads; ++i)
    for (int k = 0; k < kRounds / 400; ++k)
      free(freed[i][k]);
  int all = kThreads * kRounds;
  printf("kept_by_malloc 48 %d %d\n", all, all);
  printf("freed_at_once 48 %d 0\n", 4 * all);
  printf("kept_by_calloc 400 %d %d\n", all / 4, all / 4);
  printf("kept_by_alignment 192 %d %d\n", all / 4, all / 4);
  printf("large 100000 %d %d\n", all / 200, all / 400);
  return 0;
}

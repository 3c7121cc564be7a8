/*===- limits.c - What a process may have, and what it costs -----------------===*
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*
 *
 * A program on the C library's malloc, unless another one is preloaded. Each command
 * prints one line of numbers, and exits with 0 if all that it asks for is there.
 *
 *   fill STEP [aligned]   bytes that can be allocated in blocks of STEP bytes
 *   fill-after KIND LIMIT STEP   the same, after the process has limited its own address
 *                         space ("as"), data ("data") or, by prlimit, address space
 *                         ("prlimit") to LIMIT bytes; half of it is used before
 *   threads KIND LIMIT    threads that start, and bytes of mappings, after that
 *   lock [future] [used]  mlockall; KiB of its own before, after, and after some allocation.
 *                         used: 256 MiB were allocated, written and freed before
 *   zero                  calloc after mlockall and free: the bytes that are not zero
 *   dump [used]           abort with some allocations
 *
 *===------------------------------------------------------------------------===*/
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/** KiB in pages that nothing else has. What is only read is no memory, though some systems count
 *  it as resident: all such pages are one. */
static long own(void) {
  char line[256];
  long kib = 0;
  FILE *f = fopen("/proc/self/smaps_rollup", "r");
  while (f && fgets(line, sizeof line, f))
    if (sscanf(line, "Private_Dirty: %ld", &kib) == 1)
      break;
  if (f)
    fclose(f);
  return kib;
}

static size_t fill(size_t step, int aligned) {
  size_t total = 0;
  while (aligned ? aligned_alloc(4096, step) : malloc(step))
    total += step;
  return total;
}

static int limitSelf(const char *kind, size_t bytes) {
  struct rlimit to = {bytes, RLIM_INFINITY};
  if (strcmp(kind, "prlimit") == 0)
    return prlimit(0, RLIMIT_AS, &to, NULL);
  return setrlimit(strcmp(kind, "data") ? RLIMIT_AS : RLIMIT_DATA, &to);
}

/* 256 MiB that were in use, and are free again for longer than anything is kept. */
static void comeAndGo(void) {
  enum { kBlocks = 4096, kBytes = 64 << 10 };
  static char *blocks[kBlocks];
  for (int i = 0; i < kBlocks; ++i)
    memset(blocks[i] = malloc(kBytes), 1, kBytes);
  for (int i = 0; i < kBlocks; ++i)
    free(blocks[i]);
  for (int i = 0; i < 25; ++i) {
    free(malloc(100000));
    usleep(100000);
  }
}

static int allocated; /* threads that have */

static void *wait(void *at) {
  memset(malloc(1000), 1, 1000);
  __atomic_add_fetch(&allocated, 1, __ATOMIC_SEQ_CST);
  pthread_barrier_wait(at);
  return at;
}

static int threads(const char *kind, size_t limit) {
  enum { kThreads = 16 };
  static pthread_barrier_t all;
  pthread_t thread;
  free(malloc(100));
  if (limitSelf(kind, limit) != 0)
    return 1;
  pthread_barrier_init(&all, NULL, kThreads + 1);
  int started = 0;
  while (started < kThreads && pthread_create(&thread, NULL, wait, &all) == 0)
    ++started;
  while (__atomic_load_n(&allocated, __ATOMIC_SEQ_CST) < started)
    usleep(100);
  size_t mapped = 0, step = 1 << 20;
  while (mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
    mapped += step;
  printf("%d %zu\n", started, mapped);
  fflush(stdout);
  _exit(started == kThreads ? 0 : 1);
}

static int zero(void) {
  size_t bytes = 8 << 20, wrong = 0;
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
    return 1;
  for (int round = 0; round < 3; ++round) {
    char *p = malloc(bytes);
    memset(p, 7, bytes);
    free(p);
    usleep(1200000);
    free(malloc(100000));
    p = calloc(1, bytes);
    for (size_t i = 0; i < bytes; ++i)
      wrong += p[i] != 0;
    free(p);
  }
  printf("%zu\n", wrong);
  return wrong != 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  const char *last = argv[argc - 1];
  if (strcmp(what, "fill") == 0 && argc > 2) {
    printf("%zu\n", fill(strtoul(argv[2], NULL, 0), argc > 3));
    return 0;
  }
  if (strcmp(what, "fill-after") == 0 && argc > 4) {
    size_t limit = strtoul(argv[3], NULL, 0), step = strtoul(argv[4], NULL, 0), before = 0;
    for (; before < limit / 2; before += step)
      memset(malloc(step), 1, 16);
    if (limitSelf(argv[2], limit) != 0)
      return 1;
    printf("%zu\n", before + fill(step, 0));
    return 0;
  }
  if (strcmp(what, "threads") == 0 && argc > 3)
    return threads(argv[2], strtoul(argv[3], NULL, 0));
  if (strcmp(what, "lock") == 0) {
    free(malloc(100));
    if (strcmp(last, "used") == 0)
      comeAndGo();
    long before = own();
    int future = argc > 2 && strcmp(argv[2], "future") == 0;
    if (mlockall(future ? MCL_FUTURE : MCL_CURRENT | MCL_FUTURE) != 0) {
      printf("%s\n", strerror(errno));
      return 1;
    }
    long locked = own();
    for (int i = 0; i < 1000; ++i)
      memset(malloc(1000), 1, 1000);
    printf("%ld %ld %ld\n", before, locked, own());
    return 0;
  }
  if (strcmp(what, "zero") == 0)
    return zero();
  if (strcmp(what, "dump") == 0) {
    if (strcmp(last, "used") == 0)
      comeAndGo();
    for (int i = 0; i < 1000; ++i)
      memset(malloc(1000), 1, 1000);
    abort();
  }
  return 2;
}

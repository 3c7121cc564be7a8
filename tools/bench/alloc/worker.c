/*===- worker.c - Runs the workloads it is told to -----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 *   worker            reads a workload's name a line, and writes its figure a line
 *   worker NAME...    runs these, and writes "NAME figure" a line
 *
 *===------------------------------------------------------------------------===*/
#define _GNU_SOURCE
#include "worker.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#if defined(BENCH_FLT)
_Thread_local void *flt_list[FLT_CLASSES];
static _Thread_local char *flt_at, *flt_end;
__attribute__((noinline)) void *flt_refill(size_t n) {
  size_t size = (n + 7) / 8 * 8;
  if (size < 8)
    size = 8;
  if ((size_t)(flt_end - flt_at) < size) {
    flt_at = pages(FLT_CHUNK * 16);
    flt_end = flt_at + FLT_CHUNK * 16;
  }
  void *p = flt_at;
  flt_at += size;
  return p;
}
#endif

static double now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}
double cpu_ns(void) { return now(CLOCK_THREAD_CPUTIME_ID); }
double wall_ns(void) { return now(CLOCK_MONOTONIC); }

uint64_t next_random(uint64_t *state) {
  uint64_t x = *state ? *state : 88172645463325252u;
  x ^= x << 13, x ^= x >> 7, x ^= x << 17;
  return *state = x;
}

void *pages(size_t bytes) {
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED)
    abort();
  return p;
}
void release_pages(void *p, size_t bytes) { munmap(p, bytes); }

uint32_t *shuffled(size_t n) {
  uint32_t *order = pages(n * sizeof *order);
  uint64_t state = n;
  for (size_t i = 0; i < n; ++i) {
    size_t at = next_random(&state) % (i + 1);
    order[i] = order[at];
    order[at] = (uint32_t)i;
  }
  return order;
}

size_t resident(void) {
  /* Read without stdio, whose buffer would be the measured allocator's. */
  static char text[64];
  FILE *f = fopen("/proc/self/statm", "r");
  if (!f)
    return 0;
  setvbuf(f, text, _IOFBF, sizeof text);
  unsigned long all = 0, now = 0;
  int read = fscanf(f, "%lu %lu", &all, &now);
  fclose(f);
  return read == 2 ? now * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

static const struct workload *const all[] = {
    micro_workloads,   live_workloads,   count_workloads,      thread_workloads,
    program_workloads, memory_workloads, instruction_workloads};

static const struct workload *find(const char *name) {
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i)
    for (const struct workload *w = all[i]; w->name; ++w)
      if (!strcmp(w->name, name))
        return w;
  return NULL;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    const struct workload *w = find(argv[i]);
    if (!w) {
      fprintf(stderr, "no workload is called '%s'\n", argv[i]);
      return 1;
    }
    printf("%s %.4f\n", w->name, w->run(w->argument));
    fflush(stdout);
  }
  char name[64];
  while (argc == 1 && fgets(name, sizeof name, stdin)) {
    name[strcspn(name, "\n")] = 0;
    const struct workload *w = find(name);
    if (w)
      printf("%.4f\n", w->run(w->argument));
    else
      printf("none\n");
    fflush(stdout);
  }
  return 0;
}

/*===- timed.h - A program that times its own work ----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The result goes to stdout, the milliseconds of processor time of the
 * work to stderr: without compiling, linking or starting the program.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static uint64_t work(void);

int main(void) {
  struct timespec from, to;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
  uint64_t result = work();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
  printf("%" PRIu64 "\n", result);
  fprintf(stderr, "%.3f\n",
          (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6);
  return 0;
}

/*===- measure.c - Runs a command and says what it took -------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 *   cairn-malloc-measure FILE LIBRARY COMMAND...
 *
 * Writes to FILE the processor time of the command and its children in seconds, the time elapsed,
 * and the peak resident size of the largest of them in KiB. A process counts its parent's pages as
 * its own peak until it has started its program, so the parent had better be this small one.
 * LIBRARY is preloaded into the command, "" is none.
 *
 *===------------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: %s FILE LIBRARY COMMAND...\n", argv[0]);
    return 2;
  }
  double began = now();
  pid_t child = fork();
  if (child == 0) {
    if (*argv[2])
      setenv("LD_PRELOAD", argv[2], 1);
    execvp(argv[3], argv + 3);
    _exit(127);
  }
  int status;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) != child) {
    perror("cairn-malloc-measure");
    return 2;
  }
  double elapsed = now() - began;
  FILE *out = fopen(argv[1], "w");
  if (!out ||
      fprintf(out, "%f %f %ld\n", seconds(usage.ru_utime) + seconds(usage.ru_stime), elapsed,
              usage.ru_maxrss) < 0 ||
      fclose(out)) {
    perror(argv[1]);
    return 2;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

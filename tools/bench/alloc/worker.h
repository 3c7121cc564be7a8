/*===- worker.h - What a worker's files share -------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A workload is a function that does its work `scale` times over and says how many
 * nanoseconds one operation took; a program's one operation is the whole of it.
 *
 *===------------------------------------------------------------------------===*/
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include "allocator.h"

struct workload {
  const char *name;
  double (*run)(size_t argument);
  size_t argument;
};

/** Each file's workloads; the last one has no name. */
extern const struct workload micro_workloads[], live_workloads[], count_workloads[],
    thread_workloads[], program_workloads[], memory_workloads[], instruction_workloads[];

/** Processor time of this thread, and time, in nanoseconds. */
double cpu_ns(void);
double wall_ns(void);
/** The same numbers in every worker. */
uint64_t next_random(uint64_t *state);
/** 0 to n - 1, each once, shuffled. Not from the measured allocator. */
uint32_t *shuffled(size_t n);
/** Memory that the measured allocator has no part in, zeroed. */
void *pages(size_t bytes);
void release_pages(void *p, size_t bytes);
/** Resident bytes of the process. */
size_t resident(void);

#endif /* BENCH_WORKER_H */

/*===- nothreads.h - POSIX threads where there is one ---------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * For programs without workers (--workers 0): what support.c asks of a system with
 * threads, for WASI, which has none. A second thread, or a wait for one, ends the program.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_DIFFERENTIAL_NOTHREADS_H
#define CAIRN_DIFFERENTIAL_NOTHREADS_H

#include <stdlib.h>

typedef int diff_nothing;
#define pthread_mutex_t diff_nothing
#define pthread_cond_t diff_nothing
#define pthread_barrier_t diff_nothing
#define pthread_t diff_nothing
#define pthread_mutex_init(mutex, attributes) (*(mutex) = 0)
#define pthread_mutex_lock(mutex) ((void)(mutex))
#define pthread_mutex_unlock(mutex) ((void)(mutex))
#define pthread_cond_init(condition, attributes) (*(condition) = 0)
#define pthread_cond_signal(condition) ((void)(condition))
#define pthread_cond_wait(condition, mutex) abort()
#define pthread_barrier_init(barrier, attributes, n) (*(barrier) = (int)(n))
#define pthread_barrier_wait(barrier) (*(barrier) == 1 ? (void)0 : abort())
#define pthread_create(thread, attributes, function, argument)                                     \
  ((void)(thread), (void)(function), (void)(argument), 1)
#define pthread_join(thread, result) ((void)(thread))
#define sched_yield() abort()

#endif /* CAIRN_DIFFERENTIAL_NOTHREADS_H */

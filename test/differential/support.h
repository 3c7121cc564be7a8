/*===- support.h - What generated programs stand on ----------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A program is one function per thread, called once a round. Thread 0 is the main
 * thread; the others end, and new ones take their place, after each segment of
 * rounds. Threads meet in queues with one sender and one receiver each, so that
 * the result does not depend on the scheduler. The offsets of diff_context are known
 * to the writer of IR (write_ir.cpp).
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_DIFFERENTIAL_SUPPORT_H
#define CAIRN_DIFFERENTIAL_SUPPORT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { diff_max_threads = 4, diff_max_slots = 32, diff_max_raws = 8 };

#define diff_object UINT64_MAX

/** A thread's state between rounds. */
typedef struct diff_context {
  uint64_t acc;   /**< checksum */
  uint64_t birth; /**< next number for an object that may refer to its own type */
  uint64_t round;
  uint64_t last;  /**< the thread ends after this round: it keeps only shared objects */
  uint64_t final; /**< the program ends after this round: nothing is kept */
  uint64_t thread;
  void *slots[diff_max_slots];
  void *raws[diff_max_raws];
  uint64_t sizes[diff_max_raws];
} diff_context;

typedef void (*diff_round)(diff_context *context);

typedef struct diff_program {
  uint64_t workers; /**< threads beside the main one */
  uint64_t rounds;
  uint64_t segment;
  const diff_round *round; /**< by thread */
} diff_program;

static inline uint64_t diff_mix(uint64_t a, uint64_t v) {
  a = (a ^ v) * 0x9e3779b97f4a7c15u;
  return a ^ (a >> 29);
}

/** Runs the program, prints its checksum and what is left in the heap. */
int diff_run(const diff_program *program);

/** n: a raw block's size, or diff_object. An object that is not shared is counted, and
 *  the count is printed at the end: what comes of it is up to chance. */
void diff_send(uint64_t channel, void *p, uint64_t n);
void *diff_receive(uint64_t channel, uint64_t *n);

/** Whether an object's count is of the kind that several threads may change. */
bool diff_is_shared(const void *object);

/** Called by finalisers, in any order. */
void diff_finalised(uint64_t value);
/** Of all finalisers so far; call it when no other thread is in the heap. */
uint64_t diff_finalisers(void);
/** What is live in the default heap; the same holds. */
uint64_t diff_live(void);
/** Returns when so many threads have called it. */
void diff_meet(uint64_t threads);
/** True once, for faults that are planted at one moment of a run. */
bool diff_fault(void);

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_DIFFERENTIAL_SUPPORT_H */

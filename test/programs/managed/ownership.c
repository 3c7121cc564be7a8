/*===- ownership.c - Owned parameters and borrowed results, across two files ===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * ownership-callee.c defines what this file calls. What a declaration says is the
 * convention of the call: an owned argument's count moves into the callee, a borrowed
 * result brings none.
 *
 *===------------------------------------------------------------------------===*/
#include "ownership.h"

static queue make(void) { return cairn_ref_new(&queue_type); }

__attribute__((noinline)) static int64_t moved(int n) {
  queue q = make();
  for (int i = 0; i < n; ++i)
    push(q, job_of(i));
  at_most("all jobs and the queue", (uint64_t)n + 1);
  int64_t total = 0;
  for (int i = 0; i < n / 2; ++i)
    total = total * 3 + pop(q)->id;
  at_most("half of them", (uint64_t)(n - n / 2) + 1);
  return total + peek(q)->id;
}

/* The argument is used after the call that takes it over. */
__attribute__((noinline)) static int64_t used_later(void) {
  queue q = make();
  job j = job_of(7);
  push(q, j);
  push(q, j);
  consume(j);
  at_most("twice in the queue", 3);
  return j->id + pop(q)->id + pop(q)->id;
}

/* What is borrowed from the queue is kept beyond the queue's change. */
__attribute__((noinline)) static int64_t kept(void) {
  queue q = make();
  push(q, job_of(1));
  job first = peek(q);
  pop(q);
  push(q, job_of(2));
  job second = peek(q);
  int64_t n = first->id * 10 + second->id;
  q = NULL;
  return n * 10 + second->id;
}

/* Taken over and lent in one: the result is part of the owned argument's owner. */
__attribute__((noinline)) static int64_t chained(void) {
  queue q = make();
  return push_and_peek(q, job_of(3))->id + push_and_peek(q, job_of(4))->id;
}

int main(void) {
  printf("moved %" PRId64 "\n", moved(10));
  at_most("after moved", 0);
  printf("used later %" PRId64 "\n", used_later());
  printf("kept %" PRId64 "\n", kept());
  printf("chained %" PRId64 "\n", chained());
  printf("consumed %d\n", consumed);
  at_most("the end", 0);
  return 0;
}

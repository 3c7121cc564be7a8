/*===- ownership-callee.c - The other side of ownership.c -------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * An owned parameter is released at its last use here, unless it moves into a field.
 *
 *===------------------------------------------------------------------------===*/
#include "ownership.h"

int consumed;

job job_of(int64_t id) {
  job j = cairn_ref_new(&job_type);
  j->id = id;
  return j;
}

void push(queue q, job j) {
  if (q->last == j) { /* in a queue at most once in a row: a copy */
    push(q, job_of(j->id));
    return;
  }
  if (q->last)
    q->last->next = j;
  else
    q->first = j;
  q->last = j;
}

job pop(queue q) {
  job j = q->first;
  q->first = j->next;
  j->next = NULL;
  if (!q->first)
    q->last = NULL;
  return j;
}

job peek(queue q) { return q->first; }

void consume(job j) { consumed += (int)j->id; }

job push_and_peek(queue q, job j) {
  push(q, j);
  return q->first;
}

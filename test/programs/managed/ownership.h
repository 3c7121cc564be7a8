/*===- ownership.h - What the two files of ownership.c share ----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Both sides of each call have this declaration, and so the same convention.
 *
 *===------------------------------------------------------------------------===*/
#ifndef OWNERSHIP_H
#define OWNERSHIP_H

#include <cairn/managed.h>

#include "live.h"

typedef struct job cairn_managed *job;
struct job {
  job next;
  int64_t id;
};
typedef struct queue cairn_managed *queue;
struct queue {
  job first, last;
};
CAIRN_TYPE(job_type, struct job, next);
CAIRN_TYPE(queue_type, struct queue, first, last);

extern int consumed;

job job_of(int64_t id);
cairn_owned(2) void push(queue q, job j);
job pop(queue q);
cairn_borrowed(0) job peek(queue q);
cairn_owned(1) void consume(job j);
cairn_owned(2) cairn_borrowed(0) job push_and_peek(queue q, job j);

#endif /* OWNERSHIP_H */

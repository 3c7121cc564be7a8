/*===- finaliser-globals.c - A finaliser that writes plain variables --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <stdio.h>
typedef struct node cairn_managed *node;
struct node {
  node next;
};
static long counter, sums[3], *extra;
static void fin(void *object) {
  (void)object;
  ++counter;
  sums[1] += counter;
  if (extra)
    *extra += 10;
}
CAIRN_TYPE_FINAL(node_type, struct node, fin, next);

static node global, elements[3];
static _Thread_local node own;
static long number;

static node make(void) { return cairn_ref_new(&node_type); }
static void set(node n) { global = n; }
static long get(void) { return counter; }

__attribute__((noinline)) static void variable(void) {
  global = make();
  long before = counter;
  global = NULL;
  long after = counter;
  printf("variable %ld %ld\n", before, after);
}
__attribute__((noinline)) static void element(void) {
  elements[1] = make();
  long before = sums[1];
  elements[1] = make();
  long between = sums[1];
  elements[1] = NULL;
  long after = sums[1];
  printf("element %ld %ld %ld\n", before, between, after);
}
__attribute__((noinline)) static void thread(void) {
  extra = &number;
  number = 5;
  own = make();
  long before = number;
  own = NULL;
  long after = number;
  extra = NULL;
  printf("thread %ld %ld\n", before, after);
}
__attribute__((noinline)) static void field(node of) {
  of->next = make();
  long before = counter;
  of->next = make();
  long between = counter;
  of->next = NULL;
  long after = counter;
  printf("field %ld %ld %ld\n", before, between, after);
}
__attribute__((noinline)) static void inlined(void) {
  set(make());
  long before = get();
  set(NULL);
  printf("inlined %ld %ld\n", before, get());
}
__attribute__((noinline)) static void kept(node n) {
  set(n);
  long before = get();
  set(NULL);
  printf("kept %ld %ld\n", before, get());
}

int main(void) {
  variable();
  element();
  thread();
  node n = make();
  field(n);
  inlined();
  kept(n);
  return n->next != NULL;
}

/*===- outside.c - Mistakes that a sanitizer is to see ---------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 *   outside          no mistake: blocks of all kinds change hands, and their memory serves again
 *   outside several    a part of that, and then some mistakes that end nothing
 *   outside NAME     the mistake of that name
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline))
static APART void *hide(void *p) {
  __asm__ volatile("" : "+r"(p) : : "memory");
  return p;
}

struct node {
  struct node *next;
  long value;
};
CAIRN_TYPE(node, struct node, next);
CAIRN_TYPE(
    big, struct { long words[1000]; });

static APART struct node *make(long value) {
  struct node *n = cairn_alloc(&node);
  n->value = value;
  return n;
}
static APART char *make_block(size_t n) {
  char *p = cairn_malloc(n);
  memset(p, 1, n);
  return p;
}
static APART void drop(void *ref) { cairn_decref(ref); }
static APART void give(void *p) { cairn_free(p); }

/*--- What is right ------------------------------------------------------------*/

static int rounds = 3000;
static struct node *_Atomic object;
static char *_Atomic block;
static long got;

/* Takes what the main thread hands over, changes it, and releases it. */
static void *consume(void *unused) {
  for (int i = 0; i < rounds; ++i) {
    struct node *n;
    while (!(n = atomic_exchange_explicit(&object, NULL, memory_order_acquire)))
      sched_yield();
    got += n->value;
    n->value = -1;
    drop(n);
    char *p;
    while (!(p = atomic_exchange_explicit(&block, NULL, memory_order_acquire)))
      sched_yield();
    memset(p, 2, 40);
    give(p);
  }
  return unused;
}
static void hand_over(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, consume, NULL);
  for (int i = 0; i < rounds; ++i) {
    struct node *n = make(i), *none = NULL;
    cairn_share(n);
    while (!atomic_compare_exchange_weak_explicit(&object, &none, n, memory_order_release,
                                                  memory_order_relaxed)) {
      none = NULL;
      sched_yield();
    }
    char *p = make_block(40), *nothing = NULL;
    while (!atomic_compare_exchange_weak_explicit(&block, &nothing, p, memory_order_release,
                                                  memory_order_relaxed)) {
      nothing = NULL;
      sched_yield();
    }
  }
  pthread_join(thread, NULL);
}

/* Two threads hold one object and write to their own half of it. Who drops it last is chance. */
static void *half(void *ref) {
  ((long *)ref)[1] = 1;
  drop(ref);
  return NULL;
}
static void hold_together(void) {
  for (int i = 0; i < 200; ++i) {
    long *ref = cairn_alloc_bytes(16);
    cairn_incref(ref);
    cairn_share(ref);
    pthread_t thread;
    pthread_create(&thread, NULL, half, ref);
    ref[0] = 1;
    drop(ref);
    if (i % 2)
      pthread_join(thread, NULL);
    else
      pthread_detach(thread);
  }
}

/* Memory of one size serves for others, in one heap and in the next. */
static void use_again(cairn_heap *heap) {
  static char *all[400];
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 400; ++i) {
      size_t n = (size_t)(1 + i * (37 + round) % 5000);
      memset(all[i] = cairn_heap_malloc(heap, n), i, n);
    }
    for (int i = 0; i < 400; ++i)
      if (i % 2)
        memset(all[i] = cairn_realloc(all[i], 6000), i, 6000);
    for (int i = 0; i < 400; ++i)
      give(all[i]);
  }
}

static void right(void) {
  hand_over();
  hold_together();
  use_again(NULL);
  cairn_heap_options options = {16 << 20, "other", false};
  for (int i = 0; i < 3; ++i) {
    cairn_heap *heap = cairn_heap_create(&options);
    use_again(heap);
    cairn_heap_destroy(heap);
    size_t n = 16 << 20; /* it may come to lie where the heap was */
    char *p = hide(malloc(n));
    memset(p, 1, n);
    free(p);
  }
  printf("right %ld\n", got);
}

/*--- Mistakes -----------------------------------------------------------------*/

static void *count(void *ref) {
  cairn_incref(hide(ref));
  return NULL;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    right();
    return 0;
  }
  drop(make(0)); /* the heap is there */
  const char *what = argv[1];
  if (!strcmp(what, "several")) {
    rounds = 20;
    hand_over();
    fprintf(stderr, "right %ld\n", got);
    struct node *n = make(1);
    drop(n);
    n = hide(n);
    long dead = n->value;
    char *p = make_block(100000);
    give(p);
    dead += ((volatile char *)hide(p))[50000];
    p = cairn_malloc(40);
    if (*(char *)hide(p))
      fputs("not zero\n", stderr);
    give(p);
    hide(make_block(40));
    fprintf(stderr, "end %d\n", dead == 0);
  } else if (!strcmp(what, "read-dead")) {
    struct node *n = make(1);
    drop(n);
    printf("%ld\n", ((struct node *)hide(n))->value);
  } else if (!strcmp(what, "write-dead")) {
    struct node *n = make(1);
    drop(n);
    ((struct node *)hide(n))->value = 2;
  } else if (!strcmp(what, "write-dead-large")) {
    long *n = cairn_alloc(&big);
    drop(n);
    ((long *)hide(n))[500] = 2;
  } else if (!strcmp(what, "past-object")) {
    ((volatile long *)hide(make(1)))[2] = 2;
  } else if (!strcmp(what, "past-block")) {
    ((volatile char *)hide(make_block(24)))[24] = 2;
  } else if (!strcmp(what, "past-large-block")) {
    ((volatile char *)hide(make_block(100000)))[100000] = 2;
  } else if (!strcmp(what, "read-freed")) {
    char *p = make_block(24);
    give(p);
    printf("%d\n", ((volatile char *)hide(p))[9]);
  } else if (!strcmp(what, "read-freed-large")) {
    char *p = make_block(100000);
    give(p);
    printf("%d\n", ((volatile char *)hide(p))[50000]);
  } else if (!strcmp(what, "race")) { /* on the contents of an object: no count is wrong */
    struct node *n = make(1);
    cairn_incref(n);
    cairn_share(n);
    pthread_t thread;
    pthread_create(&thread, NULL, half, n);
    n->value = 3;
    pthread_join(thread, NULL);
  } else if (!strcmp(what, "missing-share")) {
    struct node *n = make(1);
    pthread_t thread;
    pthread_create(&thread, NULL, count, n);
    pthread_join(thread, NULL);
  }
  return 0;
}

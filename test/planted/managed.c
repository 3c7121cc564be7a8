/*===- managed.c - Mistakes beside references that nobody counts ---------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * As planted.c. The counts are the passes'; what goes wrong is where plain pointers come in.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline))
typedef struct node cairn_managed *node;
struct node {
  node left, right;
  node unlisted;
  long value;
};
CAIRN_TYPE(node_type, struct node, left, right);
typedef struct board cairn_managed *board;
struct board {
  node first;
  char squares[192];
};
CAIRN_TYPE(board_type, struct board, first);

static APART node make(node left) {
  node n = cairn_ref_new(&node_type);
  n->left = left;
  n->unlisted = NULL;
  return n;
}
static APART void use(void *p) { __asm__ volatile("" : "+r"(p) : : "memory"); }

static void cycle_of_one(void) {
  node n = make(NULL);
  n->left = n;
}
static void cycle_of_two(void) {
  node n = make(NULL);
  n->right = make(n);
}
static void never_given_back(void) { use(cairn_ref_release(make(NULL))); }
static void lost_with_child(void) { use(cairn_ref_release(make(make(NULL)))); }
static void borrowed_released(void) {
  node n = make(NULL);
  void *p = cairn_ref_borrow(n);
  use(p);
  cairn_decref(p);
  n->value = 1;
  use(cairn_ref_borrow(n));
}
static void adopted_without_count(void) {
  node n = make(NULL);
  node m = cairn_ref_adopt(cairn_ref_borrow(n));
  m->value = 3;
  n->value = 4;
  use(cairn_ref_borrow(n));
}
static void dead_retained(void) {
  void *p = cairn_ref_release(make(NULL));
  cairn_decref(p);
  use(p);
  node n = cairn_ref_retain(p);
  n->value = 1;
}
static void *retaining(void *p) {
  node n = cairn_ref_retain(p);
  n->value = 4;
  return NULL;
}
static void not_shared(void) {
  node n = make(NULL);
  pthread_t thread;
  pthread_create(&thread, NULL, retaining, cairn_ref_borrow(n));
  pthread_join(thread, NULL);
  use(cairn_ref_borrow(n));
}
static void stored_unlisted(void) { make(NULL)->unlisted = make(NULL); }
static void written_past(void) {
  node n = make(NULL);
  long *p = cairn_ref_borrow(n);
  for (int i = 0; i < 6; ++i)
    p[i] = i < 3 ? 0 : 7;
  use(p);
}
static APART board make_board(void) { return cairn_ref_new(&board_type); }
static void written_past_board(void) {
  board b = make_board();
  char *p = cairn_ref_borrow(b);
  for (unsigned i = 0; i < 4; ++i)
    p[sizeof(struct board) + i] = 7;
  use(p);
}
static void interior_stored(void) {
  node n = make(NULL), m = make(NULL);
  void **p = cairn_ref_borrow(n);
  p[1] = (char *)cairn_ref_borrow(m) + 8;
  use(p);
  use(cairn_ref_borrow(m));
}
static void field_without_count(void) { /* two references, one count */
  node n = make(make(NULL));
  void **p = cairn_ref_borrow(n);
  p[1] = p[0];
  use(p);
}
static void field_lost(void) {
  node n = make(make(NULL));
  void **p = cairn_ref_borrow(n);
  p[0] = NULL;
  use(p);
}
static void dead_written(void) {
  void *p = cairn_ref_release(make(NULL));
  cairn_decref(p);
  use(p);
  ((struct node *)p)->value = 3;
  cairn_heap_check(NULL);
}
static void dead_followed(void) {
  struct node *p = cairn_ref_release(make(NULL));
  cairn_decref(p);
  use(p);
  printf("%ld\n", *(long *)p->value);
}

static const struct {
  const char *group, *says;
  void (*make)(void);
  const char *type, *made; /* null: a node's */
} all[] = {
    {"managed: cycles", "in a cycle", cycle_of_one},
    {"managed: cycles", "in a cycle", cycle_of_two},
    {"managed: lost", "not given back", never_given_back},
    {"managed: lost", "held by what is lost", lost_with_child},
    {"managed: lost", "not given back", field_lost},
    {"managed: a count too few", "count is 0", borrowed_released},
    {"managed: a count too few", "count is 0", adopted_without_count},
    {"managed: a count too few", "count is 0", dead_retained},
    {"managed: a count too few", "a dead object", field_without_count},
    {"managed: missing share", "cairn_share was not called/count is 0", not_shared},
    {"managed: unlisted field", "lists no field there", stored_unlisted},
    {"managed: written past the end", "written past its end", written_past},
    {"managed: written past the end", "written past its end", written_past_board, "board_type",
     "make_board"},
    {"managed: interior pointer stored", "refers into an object/a dead object", interior_stored},
    {"managed: dead object used", "written after it was freed", dead_written},
    {"managed: dead object used", "read from freed memory", dead_followed},
};

int main(int argc, char **argv) {
  int want = argc > 1 ? atoi(argv[1]) : 0, n = sizeof(all) / sizeof(all[0]);
  if (!want)
    for (int i = 0; i < n; ++i)
      printf("%d|%s|%s|%s|%s\n", i + 1, all[i].group, all[i].says,
             all[i].type ? all[i].type : "node_type", all[i].made ? all[i].made : "make");
  else if (want <= n)
    all[want - 1].make();
  return 0;
}

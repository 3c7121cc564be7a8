/*===- planted.c - Mistakes, one for each number ------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 *   planted list       a line for each: number, group, what the message says (one of several, with
 * / between them), the type and the function that made the block it is about, with | between them
 *   planted NUMBER     makes the mistake
 *
 * Each mistake on objects is made with each kind of object that can have it.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <cairn/containers.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline))
/* What the compiler cannot see through. */
static APART void *hide(void *p) {
  __asm__ volatile("" : "+r"(p) : : "memory");
  return p;
}

struct node {
  struct node *left, *right;
  void *other; /* not managed */
  long value;
};
static int finalised;
static void finish(void *object) { finalised += ((struct node *)object)->value != 0; }
struct board { /* over 128 bytes, and all in its header word */
  struct node *first;
  char squares[192];
};
CAIRN_TYPE(board_type, struct board, first);
struct wide {
  void *fields[20];
  long value;
};
CAIRN_TYPE(node_type, struct node, left, right);
CAIRN_TYPE_FINAL(final_type, struct node, finish, left, right);
CAIRN_TYPE(
    leaf_type, struct { long v[3]; });
static const uint32_t wide_fields[] = {0, 152};
static cairn_type wide_type = {sizeof(struct wide), 8, 2, 0, 0, wide_fields, NULL, "wide_type"};
static cairn_type large_type = {5000, 8, 2, 0, 0, wide_fields, NULL, "large_type"};

static APART void *make_node(void) { return hide(cairn_alloc(&node_type)); }
static APART void *make_tagged(void) { return hide(cairn_alloc_tagged(&node_type, 7)); }
static APART void *make_final(void) {
  struct node *n = cairn_alloc(&final_type);
  n->value = 1;
  return hide(n);
}
static APART void *make_leaf(void) { return hide(cairn_alloc(&leaf_type)); }
static APART void *make_board(void) { return hide(cairn_alloc(&board_type)); }
static APART void *make_wide(void) { return hide(cairn_alloc(&wide_type)); }
static APART void *make_large(void) { return hide(cairn_alloc(&large_type)); }
static APART void *make_array(void) { return hide(cairn_alloc_array(&cairn_type_ref, 5)); }
static APART void *make_bytes(void) { return hide(cairn_alloc_bytes(21)); }
static APART void *make_string(void) { return hide(cairn_alloc_string("planted", 7)); }
static APART void *make_byte_array(void) { return hide(cairn_alloc_byte_array(9, 4)); }
static APART void *make_list(void) { return hide(cairn_alloc_list(4, 8)); }
static APART void *make_dict(void) { return hide(cairn_alloc_dict(4)); }
static APART void *make_heap_node(void) {
  static cairn_heap *heap;
  cairn_heap_options options = {16 << 20, "planted", true};
  if (!heap)
    heap = cairn_heap_create(&options);
  return hide(cairn_heap_alloc(heap, &node_type));
}
static APART void *make_block(size_t n) { return hide(cairn_malloc(n)); }

/* Of a small object, of a large one, of an array. */
#define DEAD "count is 0/not a live object/its object is dead"

static const struct kind {
  const char *type, *made;
  void *(*make)(void);
  size_t size; /* bytes that are the program's; 0: no overflow is planted */
  int fields;  /* the first word is a managed field */
} kinds[] = {
    {"node_type", "make_node", make_node, sizeof(struct node), 1},
    {"node_type", "make_tagged", make_tagged, sizeof(struct node), 1},
    {"final_type", "make_final", make_final, sizeof(struct node), 1},
    {"leaf_type", "make_leaf", make_leaf, 24, 0},
    {"board_type", "make_board", make_board, sizeof(struct board), 1},
    {"wide_type", "make_wide", make_wide, sizeof(struct wide), 1},
    {"large_type", "make_large", make_large, 5000, 1},
    {"ref", "make_array", make_array, 40, 1},
    {"bytes object", "make_bytes", make_bytes, 21, 0},
    {"bytes object", "make_string", make_string, 7, 0},
    {"byte array", "make_byte_array", make_byte_array, 0, 0},
    {"list", "make_list", make_list, 0, 0},
    {"dict", "make_dict", make_dict, 0, 0},
    {"node_type", "make_heap_node", make_heap_node, sizeof(struct node), 1},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* The mistakes on objects. */
static void release_twice(const struct kind *k) {
  void *o = k->make();
  cairn_decref(o);
  cairn_decref(hide(o));
}
static void retain_dead(const struct kind *k) {
  void *o = k->make();
  cairn_decref(o);
  cairn_incref(hide(o));
}
static void write_dead(const struct kind *k) {
  char *o = k->make();
  cairn_decref(o);
  ((char *)hide(o))[4] = 1;
  cairn_heap_check(cairn_heap_of(o));
}
static void
follow_dead(const struct kind *k) { /* reads a pointer from it, and what that leads to */
  void **o = k->make();
  cairn_decref(o);
  printf("%ld\n", *((long *volatile *)hide(o))[0]);
}
static void release_field_of_dead(const struct kind *k) {
  void **o = k->make();
  cairn_decref(o);
  cairn_decref(((void **)hide(o))[0]);
}
static void write_past(const struct kind *k) {
  char *o = k->make();
  memset(o + k->size, 1, 4);
  hide(o);
  cairn_decref(o);
}
static void write_before(const struct kind *k) { /* over its own header */
  char *o = k->make();
  memset((char *)hide(o) - 4, 0x77, 4);
  cairn_decref(hide(o));
}
static void release_inside(const struct kind *k) { cairn_decref((char *)k->make() + 8); }
static void free_object(const struct kind *k) { cairn_free(k->make()); }
static void share_dead(const struct kind *k) {
  void *o = k->make();
  cairn_decref(o);
  cairn_share(hide(o));
}
static void interior_field(const struct kind *k) {
  void **o = k->make();
  o[0] = (char *)make_leaf() + 8;
  cairn_decref(hide(o));
}
static void dead_field(const struct kind *k) {
  void **o = k->make();
  void *leaf = make_leaf();
  o[0] = leaf;
  cairn_decref(leaf);
  cairn_decref(hide(o));
}
static void no_reference_field(const struct kind *k) {
  long *o = k->make();
  o[0] = 1234568;
  cairn_decref(hide(o));
}
static void lost(const struct kind *k) {
  void *o = k->make();
  cairn_incref(hide(o));
  cairn_decref(hide(o));
}
/* Of a thread that the object does not belong to. */
static void *retaining(void *o) {
  cairn_incref(o);
  return NULL;
}
static void *releasing(void *o) {
  cairn_decref(o);
  return NULL;
}
static void in_thread(void *(*f)(void *), void *o) {
  pthread_t thread;
  pthread_create(&thread, NULL, f, o);
  pthread_join(thread, NULL);
}
static void retain_elsewhere(const struct kind *k) { in_thread(retaining, k->make()); }
static void release_elsewhere(const struct kind *k) { in_thread(releasing, k->make()); }
static void release_twice_elsewhere(const struct kind *k) {
  void *o = k->make();
  cairn_share(o);
  in_thread(releasing, o);
  cairn_decref(hide(o));
}

static const struct mistake {
  const char *group, *says;
  void (*make)(const struct kind *);
  int needs; /* 1: managed fields, 2: a size */
} mistakes[] = {
    {"released twice", DEAD, release_twice, 0},
    {"dead object retained", DEAD, retain_dead, 0},
    {"dead object written", "written after it was freed", write_dead, 0},
    {"dead object's field followed", "read from freed memory", follow_dead, 1},
    {"dead object's field released", "read from freed memory", release_field_of_dead, 1},
    {"written past the end", "written past its end", write_past, 2},
    {"header written over", "written over", write_before, 1},
    {"inside of an object released", "inside an object", release_inside, 2},
    {"object freed as a block", "an object, not a raw block", free_object, 0},
    {"dead object shared", DEAD, share_dead, 0},
    {"field: into an object", "refers into an object", interior_field, 1},
    {"field: a dead object", "refers to a dead object", dead_field, 1},
    {"field: no reference", "holds no reference", no_reference_field, 1},
    {"a count never given back", "not given back", lost, 0},
    {"missing share: retained", "cairn_share was not called", retain_elsewhere, 0},
    {"missing share: released", "cairn_share was not called", release_elsewhere, 0},
    {"released twice, two threads", DEAD, release_twice_elsewhere, 0},
};
enum { MISTAKES = sizeof(mistakes) / sizeof(mistakes[0]) };

/* Blocks, small and large. */
static const size_t sizes[] = {20, 300, 5000};
enum { SIZES = 3 };
static void block_freed_twice(size_t n) {
  void *p = make_block(n);
  cairn_free(p);
  cairn_free(hide(p));
}
static void block_freed_inside(size_t n) { cairn_free((char *)make_block(n) + 8); }
static void block_written_dead(size_t n) {
  char *p = make_block(n);
  cairn_free(p);
  ((char *)hide(p))[n / 2] = 1;
  cairn_heap_check(NULL);
}
static void block_written_past(size_t n) {
  char *p = make_block(n);
  p[n] = 1;
  cairn_free(hide(p));
}
static void block_written_before(size_t n) { /* over what lies behind the one before it */
  char *before = make_block(n), *p = make_block(n);
  ((char *)hide(p))[-3] = 1;
  cairn_heap_check(NULL);
  cairn_free(before);
  cairn_free(p);
}
static void block_of_another_size(size_t n) { cairn_free_sized(make_block(n), n + 100); }
static void block_resized_dead(size_t n) {
  void *p = make_block(n);
  cairn_free(p);
  hide(cairn_realloc(hide(p), 2 * n));
}
static void block_released(size_t n) { /* as if it were an object */
  char *p = make_block(n);
  memset(p, 1, n);
  cairn_decref(p + 8);
}
static void block_followed_dead(size_t n) {
  long **p = make_block(n);
  cairn_free(p);
  printf("%ld\n", *((long *volatile *)hide(p))[1]);
}
static void block_never_written(size_t n) {
  long **p = make_block(n);
  printf("%ld\n", *((long *volatile *)hide(p))[1]);
}
static void block_lost(size_t n) { hide(make_block(n)); }

static const struct {
  const char *group, *says;
  void (*make)(size_t);
} blocks[] = {
    {"block freed twice", "freed already", block_freed_twice},
    {"inside of a block freed", "inside a block", block_freed_inside},
    {"freed block written", "written after it was freed", block_written_dead},
    {"block written past its end", "written past its end", block_written_past},
    {"block written before its start", "written", block_written_before},
    {"block freed with another size", "size that the block does not have", block_of_another_size},
    {"freed block resized", "freed already", block_resized_dead},
    {"block released as an object", "not an object", block_released},
    {"freed block's pointer followed", "read from freed memory", block_followed_dead},
    {"fresh block's pointer followed", "not written to", block_never_written},
    {"block lost", "nothing has its address", block_lost},
};
enum { BLOCKS = sizeof(blocks) / sizeof(blocks[0]) };

/* Others, one by one. */
static void lost_cycle(void) {
  struct node *a = make_node(), *b = make_node();
  a->left = b;
  b->left = a;
  hide(a);
}
static void lost_behind_another(void) {
  struct node *a = make_node();
  a->left = make_final();
  hide(a);
}
static void lost_in_field_not_listed(void) {
  struct node *n = make_node();
  n->other = make_leaf();
  cairn_decref(hide(n));
}
static void child_released_with_parent(void) { /* the parent's field was its only count */
  struct node *n = make_node();
  void *leaf = make_leaf();
  n->left = leaf;
  cairn_decref(hide(n));
  cairn_decref(hide(leaf));
}
static void field_overwritten(void) { /* the old value's count is lost */
  struct node *n = make_node();
  n->left = make_leaf();
  n->left = make_final();
  cairn_decref(hide(n));
}
static void fresh_field_released(void) { /* a field that nobody wrote */
  struct node *n = make_node();
  cairn_decref(((struct node *)hide(n))->other);
}
static void local_freed(void) {
  long local[4] = {0};
  cairn_free(hide(local));
}
static void global_released(void) {
  static long global[4] = {0, 3, 0, 0};
  cairn_decref(hide(global + 2));
}
static void list_of_dead(void) {
  void *list = make_list(), *leaf = make_leaf();
  cairn_decref(leaf);
  cairn_list_append_ref(list, hide(leaf));
}
static void dead_list_used(void) {
  void *list = make_list();
  cairn_decref(list);
  cairn_list_append(hide(list), 1);
}
static void list_not_a_list(void) { cairn_list_append(make_dict(), 1); }
static void past_list(void) {
  void *list = make_list();
  cairn_list_append(list, 1);
  printf("%ld\n", (long)cairn_list_get(list, 5));
}
static void cycle_of_finalised(void) {
  struct node *n = make_final();
  n->right = n;
  hide(n);
}
static const struct {
  const char *group, *says, *type, *made;
  void (*make)(void);
} others[] = {
    {"a cycle lost", "in a cycle", "node_type", "make_node", lost_cycle},
    {"a cycle lost", "in a cycle", "final_type", "make_final", cycle_of_finalised},
    {"lost behind a lost object", "held by what is lost", "final_type", "make_final",
     lost_behind_another},
    {"a field that is not listed", "lists no field there", "leaf_type", "make_leaf",
     lost_in_field_not_listed},
    {"released twice", DEAD, "leaf_type", "make_leaf", child_released_with_parent},
    {"a count never given back", "not given back", "leaf_type", "make_leaf", field_overwritten},
    {"fresh field released", "not written to", "", "", fresh_field_released},
    {"no block freed", "not a block of any heap", "", "", local_freed},
    {"no object released", "not an object of any heap", "", "", global_released},
    {"containers", "its count is 0", "leaf_type", "make_leaf", list_of_dead},
    {"containers", "its count is 0", "list", "make_list", dead_list_used},
    {"containers", "not a list", "dict", "make_dict", list_not_a_list},
    {"containers", "past the end", "list", "make_list", past_list},
};
enum { OTHERS = sizeof(others) / sizeof(others[0]) };

int main(int argc, char **argv) {
  const char *wish = argc > 1 ? argv[1] : "list";
  int list = !strcmp(wish, "list"), want = atoi(wish), number = 0;
  for (int m = 0; m < MISTAKES; ++m)
    for (int k = 0; k < KINDS; ++k) {
      if ((mistakes[m].needs == 1 && !kinds[k].fields) ||
          (mistakes[m].needs == 2 && !kinds[k].size))
        continue;
      ++number;
      if (list)
        printf("%d|%s|%s|%s|%s\n", number, mistakes[m].group, mistakes[m].says, kinds[k].type,
               kinds[k].made);
      else if (number == want)
        mistakes[m].make(&kinds[k]);
    }
  for (int b = 0; b < BLOCKS; ++b)
    for (int s = 0; s < SIZES; ++s) {
      ++number;
      if (list)
        printf("%d|%s|%s|%s|%s\n", number, blocks[b].group, blocks[b].says, "block", "make_block");
      else if (number == want)
        blocks[b].make(sizes[s]);
    }
  for (int o = 0; o < OTHERS; ++o) {
    ++number;
    if (list)
      printf("%d|%s|%s|%s|%s\n", number, others[o].group, others[o].says, others[o].type,
             others[o].made);
    else if (number == want)
      others[o].make();
  }
  return 0;
}

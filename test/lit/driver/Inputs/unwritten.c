/*===- unwritten.c - Memory that nobody has written ------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 *   unwritten          reads only what was written, by the program or by the runtime
 *   unwritten NAME     reads what was not
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <cairn/containers.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline))

struct node {
  struct node *next;
  long value;
};
CAIRN_TYPE(node, struct node, next);
struct number {
  long value;
};
CAIRN_TYPE(number, struct number);
CAIRN_TYPE(
    big, struct { long words[1000]; });

static long finished;
static APART void finish(void *p) {
  struct node *n = p;
  finished += n->value;
}
CAIRN_TYPE_FINAL(ending, struct node, finish, next);

/* Fills a slot of each class and gives it back, so that memory is used again. Nothing of what the stack
 * held may say that a value is known. */
static APART void use(void) {
  for (size_t n = 1; n < 5000; n += n / 4 + 1) {
    char *p = cairn_malloc(n);
    memset(p, 1, n);
    cairn_free(p);
  }
  struct node *n = cairn_alloc(&node);
  n->value = 3;
  cairn_decref(n);
}
static APART void spoil(void) {
  volatile char stack[3000];
  volatile char *unknown = malloc(1);
  for (size_t i = 0; i < sizeof stack; ++i)
    stack[i] = *unknown;
  free((void *)unknown);
}

static bool visit(const cairn_block *block, void *context) {
  if (block->object && block->count > 0)
    ++*(long *)context;
  return true;
}
static void report(cairn_error_kind kind, const void *p, const char *message, void *context) {
  if (kind == CAIRN_ERROR_KIND && p && strstr(message, "not an object"))
    ++*(long *)context;
}

static APART int right(void) {
  long sum = 0;
  struct node *head = NULL;
  for (int i = 0; i < 100; ++i) {
    spoil();
    struct node *n = cairn_alloc(i % 3 ? &node : &ending);
    if (n->next) /* the runtime has written it */
      return 1;
    n->value = i;
    n->next = head;
    head = n;
  }
  for (struct node *n = head; n; n = n->next)
    sum += n->value;
  void *list = cairn_alloc_list(0, 8), *dict = cairn_alloc_dict(0);
  for (int i = 0; i < 50; ++i) {
    cairn_list_append(list, i);
    spoil();
    sum += cairn_list_get(list, (uint32_t)i);
  }
  sum += cairn_list_length(list);
  cairn_dict_set(dict, "seven", 5, head);
  sum += ((struct node *)cairn_dict_get(dict, "seven", 5))->value;
  cairn_dict_entry entry;
  uint32_t at = 0;
  spoil();
  sum += cairn_dict_next(dict, &at, &entry) && entry.as_ref == head;
  char *text = cairn_calloc(1, 3000), *small = cairn_calloc(1, 20);
  sum += text[2999] + small[19];
  small = cairn_realloc(small, 200);
  sum += small[19];
  small = cairn_realloc(small, 20000);
  sum += small[19];
  void **refs = cairn_alloc_array(&cairn_type_ref, 40);
  if (refs[39])
    return 1;
  sum += cairn_refcount(head) + cairn_length(refs);
  spoil();
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  if (stats.live_objects < 100)
    return 1;
  spoil();
  long live = 0, reported = 0;
  cairn_heap_walk(NULL, visit, &live);
  if (live < 100)
    return 1;
  cairn_set_error_handler(report, &reported);
  cairn_free(head);
  cairn_set_error_handler(NULL, NULL);
  sum += reported;
  spoil();
  cairn_decref(dict);
  cairn_decref(list);
  cairn_decref(refs);
  cairn_free(text);
  cairn_free(small);
  cairn_decref(head);
  printf("right %ld %ld\n", sum, finished);
  return 0;
}

static APART void tell(long value) {
  if (value == 42)
    puts("42");
}

int main(int argc, char **argv) {
  const char *how = argc > 1 ? argv[1] : "";
  use();
  if (!*how)
    return right();
  if (!strcmp(how, "object"))
    tell(((struct node *)cairn_alloc(&node))->value);
  else if (!strcmp(how, "plain-object"))
    tell(((struct number *)cairn_alloc(&number))->value);
  else if (!strcmp(how, "large-object"))
    tell(*(long *)cairn_alloc(&big));
  else if (!strcmp(how, "bytes"))
    tell(((char *)cairn_alloc_bytes(100))[50]);
  else if (!strcmp(how, "block"))
    tell(((char *)cairn_malloc(100))[99]);
  else if (!strcmp(how, "large-block"))
    tell(((char *)cairn_malloc(10000))[9999]);
  else if (!strcmp(how, "aligned-block"))
    tell(((char *)cairn_aligned_alloc(256, 300))[299]);
  else if (!strcmp(how, "grown-block")) {
    char *p = cairn_malloc(40);
    memset(p, 1, 40);
    tell(((char *)cairn_realloc(p, 400))[50]);
  } else if (!strcmp(how, "grown-large-block")) {
    char *p = cairn_malloc(100000);
    memset(p, 1, 100000);
    p = cairn_realloc(p, 101000);
    tell(p[100999]);
  } else if (!strcmp(how, "array"))
    tell(((struct number *)cairn_alloc_array(&number, 10))[9].value);
  return 0;
}

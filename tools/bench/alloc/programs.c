/*===- programs.c - Small programs that live on their allocator -----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Each is run in a process of its own, whose peak is read as well; its figure is in
 * milliseconds.
 *
 *===------------------------------------------------------------------------===*/
#include "worker.h"

#include <pthread.h>
#include <string.h>

static double ms(double since) { return (wall_ns() - since) / 1e6; }

/*===- Binary trees: a tree that stays, and many that do not -------------------===*/

struct tree {
  struct tree *left, *right;
};
static struct tree *grow(int depth) {
  struct tree *t = give(sizeof *t);
  t->left = depth ? grow(depth - 1) : NULL;
  t->right = depth ? grow(depth - 1) : NULL;
  return t;
}
static unsigned count(const struct tree *t) {
  return t->left ? 1 + count(t->left) + count(t->right) : 1;
}
static void fell(struct tree *t) {
  if (t->left) {
    fell(t->left);
    fell(t->right);
  }
  take(t, sizeof *t);
}
static double binary_trees(size_t depth) {
  double t = wall_ns();
  unsigned nodes = 0;
  struct tree *stays = grow((int)depth);
  for (int d = 4; d <= (int)depth; d += 4) {
    for (int i = 0; i < 1 << ((int)depth - d + 3); ++i) {
      struct tree *goes = grow(d);
      nodes += count(goes);
      fell(goes);
    }
  }
  nodes += count(stays);
  USE(nodes);
  fell(stays);
  return ms(t);
}

/*===- An interpreter: boxed numbers, frames, a list that is mapped ---------------===*/

enum tag { NUMBER, PAIR, FRAME };
struct value {
  uint32_t count, tag;
};
struct number {
  struct value head;
  int64_t n;
};
struct pair {
  struct value head;
  struct value *first, *rest;
};
struct frame {
  struct value head;
  struct frame *outer;
  struct value *local[3];
};

static void drop(struct value *v) {
  while (v && --v->count == 0) {
    struct value *next = NULL;
    if (v->tag == NUMBER) {
      take(v, sizeof(struct number));
    } else if (v->tag == PAIR) {
      struct pair *p = (struct pair *)v;
      drop(p->first);
      next = p->rest;
      take(p, sizeof *p);
    } else {
      struct frame *f = (struct frame *)v;
      for (int i = 0; i < 3; ++i)
        drop(f->local[i]);
      next = (struct value *)f->outer;
      take(f, sizeof *f);
    }
    v = next;
  }
}
static struct value *keep(struct value *v) {
  if (v)
    ++v->count;
  return v;
}
static struct value *number(int64_t n) {
  struct number *v = give(sizeof *v);
  v->head = (struct value){1, NUMBER};
  v->n = n;
  return &v->head;
}
static int64_t number_of(const struct value *v) { return ((const struct number *)v)->n; }
static struct value *pair(struct value *first, struct value *rest) {
  struct pair *p = give(sizeof *p);
  p->head = (struct value){1, PAIR};
  p->first = first;
  p->rest = rest;
  return &p->head;
}
static struct frame *enter(struct frame *outer, struct value *argument) {
  struct frame *f = give(sizeof *f);
  f->head = (struct value){1, FRAME};
  f->outer = (struct frame *)keep(&outer->head);
  f->local[0] = argument;
  f->local[1] = f->local[2] = NULL;
  return f;
}
/* fib in a language whose numbers are boxed and whose frames are objects. */
static struct value *fib(struct frame *outer, struct value *n) {
  struct frame *f = enter(outer, n);
  struct value *result;
  if (number_of(n) < 2) {
    result = keep(n);
  } else {
    f->local[1] = fib(f, number(number_of(n) - 1));
    f->local[2] = fib(f, number(number_of(n) - 2));
    result = number(number_of(f->local[1]) + number_of(f->local[2]));
  }
  drop(&f->head);
  return result;
}
static double interpreter(size_t n) {
  double t = wall_ns();
  struct frame *global = give(sizeof *global);
  memset(global, 0, sizeof *global);
  global->head = (struct value){1, FRAME};
  struct value *list = NULL;
  int64_t sum = 0;
  for (int i = 0; i < 200000; ++i)
    list = pair(number(i), list);
  for (int round = 0; round < 20; ++round) {
    struct value *mapped = NULL;
    for (struct value *at = list; at; at = ((struct pair *)at)->rest)
      mapped = pair(number(number_of(((struct pair *)at)->first) + 1), mapped);
    drop(list);
    list = mapped;
  }
  for (struct value *at = list; at; at = ((struct pair *)at)->rest)
    sum += number_of(((struct pair *)at)->first);
  struct value *result = fib(global, number((int64_t)n));
  sum += number_of(result);
  USE(sum);
  drop(result);
  drop(list);
  drop(&global->head);
  return ms(t);
}

/*===- A server: two threads, requests of many sizes, sessions that last ---------===*/

enum { SESSIONS = 20000, REQUESTS = 500000 };
struct session {
  char *name;
  size_t size;
};
static void *serve(void *arg) {
  uint64_t random = *(uint64_t *)arg;
  struct session *session = pages(SESSIONS * sizeof *session);
  for (int i = 0; i < REQUESTS; ++i) {
    uint64_t r = next_random(&random);
    size_t size = 64 + r % 2000;
    char *body = give(size);
    memset(body, (int)r, 64);
    size_t parts = 1 + (r >> 20) % 6;
    char *part[6];
    for (size_t k = 0; k < parts; ++k) {
      part[k] = give(16 + (r >> (8 * k)) % 200);
      part[k][0] = body[k];
    }
    struct session *s = &session[(r >> 32) % SESSIONS];
    if (s->name)
      take(s->name, s->size);
    s->size = 24 + (r >> 40) % 300;
    s->name = give(s->size);
    s->name[0] = part[0][0];
    for (size_t k = 0; k < parts; ++k)
      take(part[k], 16 + (r >> (8 * k)) % 200);
    take(body, size);
  }
  for (int i = 0; i < SESSIONS; ++i)
    if (session[i].name)
      take(session[i].name, session[i].size);
  release_pages(session, SESSIONS * sizeof *session);
  return NULL;
}
static double server(size_t unused) {
  (void)unused;
  double t = wall_ns();
  pthread_t thread[2];
  uint64_t seed[2] = {11, 12};
  for (int i = 0; i < 2; ++i)
    if (pthread_create(&thread[i], NULL, serve, &seed[i]))
      abort();
  for (int i = 0; i < 2; ++i)
    pthread_join(thread[i], NULL);
  return ms(t);
}

/*===- A tree like a JSON document's: built, changed, thrown away ------------------===*/

struct json {
  uint32_t kind, used, room;
  struct json **child;
  char *text;
  size_t length;
};
static struct json *json_new(uint64_t *random, int depth) {
  struct json *j = give(sizeof *j);
  uint64_t r = next_random(random);
  memset(j, 0, sizeof *j);
  j->length = 1 + (r >> 8) % 40;
  j->text = give(j->length);
  memset(j->text, (int)r, j->length);
  unsigned children = depth ? 2 + (unsigned)(r % 9) : 0;
  for (unsigned i = 0; i < children; ++i) {
    if (j->used == j->room) {
      uint32_t room = j->room ? 2 * j->room : 2;
      struct json **grown = give(room * sizeof *grown);
      if (j->room) {
        memcpy(grown, j->child, j->room * sizeof *grown);
        take(j->child, j->room * sizeof *grown);
      }
      j->child = grown;
      j->room = room;
    }
    j->child[j->used++] = json_new(random, depth - 1);
  }
  return j;
}
static size_t json_size(const struct json *j) {
  size_t n = j->length;
  for (uint32_t i = 0; i < j->used; ++i)
    n += json_size(j->child[i]);
  return n;
}
static void json_drop(struct json *j) {
  for (uint32_t i = 0; i < j->used; ++i)
    json_drop(j->child[i]);
  if (j->room)
    take(j->child, j->room * sizeof *j->child);
  take(j->text, j->length);
  take(j, sizeof *j);
}
static double json(size_t documents) {
  double t = wall_ns();
  uint64_t random = 21;
  size_t sum = 0;
  struct json *cached[8] = {NULL};
  for (size_t i = 0; i < documents; ++i) {
    struct json **at = &cached[next_random(&random) % 8];
    if (*at)
      json_drop(*at);
    *at = json_new(&random, 6);
    sum += json_size(*at);
  }
  USE(sum);
  for (int i = 0; i < 8; ++i)
    if (cached[i])
      json_drop(cached[i]);
  return ms(t);
}

const struct workload program_workloads[] = {{"binary trees", binary_trees, 16},
                                             {"interpreter", interpreter, 27},
                                             {"server, 2 threads", server, 0},
                                             {"json", json, 120},
                                             {NULL, NULL, 0}};

/*===- support.c - What random managed programs stand on ----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Has no managed references itself. With MODEL defined it is the model's heap.
 *
 *===------------------------------------------------------------------------===*/
#ifndef MODEL
#define SUPPORT
#endif
#include "support.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

uint64_t mg_acc = 1, mg_state = 1;
int64_t mg_births, mg_fuel, mg_operations;
static uint64_t finalised, final_sum, over;
static FILE *trace;
static struct {
  void **slots;
  int n;
} globals[2];
static int n_globals;

void mg_roots(void **slots, int n) {
  globals[n_globals].slots = slots;
  globals[n_globals++].n = n;
}

void mg_final(void *object) {
  uint64_t birth = *(uint64_t *)object;
  ++finalised;
  final_sum += birth * birth * 0x9e3779b97f4a7c15u;
}

#ifdef MODEL

/* An object is in a block of its own of 512 bytes, aligned to that, so that a pointer into it
 * leads to it. Its payload is behind this. */
typedef struct object {
  struct object *next;
  const cairn_type *type; /* null: an array of references */
  uint64_t length;
  uint8_t tag, marked;
} object;
enum { block = 512 };

static object *objects;
static uint64_t live_objects;
static void *stack[1 << 16];
static int starts[1 << 14];
static int top, depth;

static object *object_of(const void *p) {
  return (object *)((uintptr_t)p & ~(uintptr_t)(block - 1));
}
static void *payload(object *o) { return o + 1; }

static void *make(const cairn_type *type, uint64_t size, uint64_t length, uint8_t tag) {
  object *o = aligned_alloc(block, block);
  if (!o || sizeof *o + size > block)
    abort();
  memset(o, 0, block);
  *o = (object){objects, type, length, tag, 0};
  objects = o;
  ++live_objects;
  return payload(o);
}
void *mg_new(const cairn_type *type, uint8_t tag) { return make(type, type->size, 0, tag); }
void *mg_new_array(uint64_t n) { return make(NULL, n * sizeof(void *), n, 0); }
void *mg_static(int i, const cairn_type *type) {
  static void *made[2];
  if (!made[i]) {
    made[i] = mg_new(type, 1);
    ((int64_t *)made[i])[1] = 77;
    objects = objects->next;        /* nobody sweeps it, */
    object_of(made[i])->marked = 1; /* or looks into it: it refers to nothing */
    --live_objects;
  }
  return made[i];
}
uint8_t mg_tag(const void *p) { return object_of(p)->tag; }
uint64_t mg_length(const void *p) { return object_of(p)->length; }

void mg_push(int n, ...) {
  va_list list;
  va_start(list, n);
  starts[depth++] = top;
  for (int i = 0; i < n; ++i)
    stack[top++] = va_arg(list, void *);
  va_end(list);
  if (depth == sizeof starts / sizeof *starts || top > (1 << 16) - 100)
    abort();
}
void mg_pop(void) { top = starts[--depth]; }
int mg_depth(void) { return depth; }
void mg_restore(int to) {
  if (to < depth)
    top = starts[to];
  depth = to;
}

static object **pending;
static size_t n_pending, room;
static void mark(void *p) {
  if (!p || object_of(p)->marked)
    return;
  object_of(p)->marked = 1;
  if (n_pending == room)
    pending = realloc(pending, (room = room * 2 + 64) * sizeof *pending);
  pending[n_pending++] = object_of(p);
}
static void collect(void) {
  for (int i = 0; i < top; ++i)
    mark(stack[i]);
  for (int g = 0; g < n_globals; ++g)
    for (int i = 0; i < globals[g].n; ++i)
      mark(globals[g].slots[i]);
  while (n_pending) {
    object *o = pending[--n_pending];
    uint8_t *bytes = payload(o);
    if (!o->type)
      for (uint64_t i = 0; i < o->length; ++i)
        mark(((void **)(void *)bytes)[i]);
    else
      for (int i = 0; i < o->type->field_count; ++i)
        mark(*(void **)(void *)(bytes + o->type->fields[i]));
  }
  for (object **at = &objects; *at;) {
    object *o = *at;
    if (o->marked) {
      o->marked = 0;
      at = &o->next;
      continue;
    }
    *at = o->next;
    if (o->type && o->type->finalize)
      o->type->finalize(payload(o));
    memset(o, 0xdd, block); /* whoever uses it now is a fault of the model */
    free(o);
    --live_objects;
  }
}
static uint64_t live(void) {
  collect();
  return live_objects;
}
#else
#include "audit.h"

static uint64_t live(void) {
  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  return stats.live_objects;
}
int mg_depth(void) { return 0; }
void mg_restore(int to) { (void)to; }
#endif

void mg_check(void) {
  static uint64_t checks;
  if (checks++ % 16)
    return;
  if (!trace)
    return;
  uint64_t now = live();
#ifdef MODEL
  fwrite(&now, sizeof now, 1, trace);
#else
  uint64_t most;
  over += fread(&most, sizeof most, 1, trace) != 1 || now > most;
#endif
}

/* Counts that are executed with an object that has a count: no static one (faults.py). */
enum { most_sites = 1 << 16 };
static bool sites[most_sites];
void mg_site(uint32_t n, const void *object) {
#ifdef PROGRAM
  if (object && n < most_sites && cairn_heap_of(object))
    sites[n] = true;
#endif
}

int main(int argc, char **argv) {
  const int64_t operations = argc > 1 ? atoll(argv[1]) : 100000;
  const char *file = getenv("MG_TRACE");
#ifdef MODEL
  trace = file ? fopen(file, "wb") : NULL;
#else
  trace = file ? fopen(file, "rb") : NULL;
#endif
  mg_start();
  bool ends = false;
  for (int64_t round = 0; !ends; ++round) {
    mg_fuel = 500;
    mg_guarded_round(round);
    ends = mg_operations >= operations;
    if (ends || round % 5 == 4)
      mg_clear();
    uint64_t left = live();
#ifndef MODEL
    if (round % 4 == 0)
      audit();
#endif
    if (getenv("MG_ROUNDS"))
      printf("round %" PRId64 ": %016" PRIx64 ", %" PRIu64 " left, %" PRIu64 " finalised, sum %" PRIx64 "\n", round,
             mg_acc, left, finalised, final_sum);
    mg_acc = (mg_acc ^ left ^ final_sum) * 0x9e3779b97f4a7c15u + finalised;
  }
  bool sound = true;
#ifndef MODEL
  sound = cairn_heap_check(cairn_heap_default());
#endif
  printf("checksum %016" PRIx64 " operations %" PRId64 " births %" PRId64 " objects %" PRIu64
         " over %" PRIu64 " heap %s\n",
         mg_acc, mg_operations, mg_births, live(), over, sound ? "sound" : "broken");
  for (int i = 0; i < most_sites; ++i)
    if (sites[i])
      printf("site %d\n", i);
  return 0;
}

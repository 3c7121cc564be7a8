/*===- finalisers.c - Finalisers as witnesses of when objects are released --===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Each object's finaliser prints its name. An object goes at its last use, not at the
 * end of a scope. Where several go at one point the program lets only one order be
 * possible, or sorts.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <string.h>

#include "live.h"

typedef struct witness cairn_managed *witness;
struct witness {
  witness holds;
  int64_t name;
};
static void gone(void *object) { printf(" -%c", (char)((struct witness *)object)->name); }
CAIRN_TYPE_FINAL(witness_type, struct witness, gone, holds);

__attribute__((noinline)) static witness make(char name, witness holds) {
  witness w = cairn_ref_new(&witness_type);
  w->name = name;
  w->holds = holds;
  return w;
}
__attribute__((noinline)) static void use(witness w) { printf(" %c", (char)w->name); }
__attribute__((noinline)) static void say(const char *text) { printf(" %s", text); }

/* A local goes right after its last use. */
__attribute__((noinline)) static void last_use(void) {
  witness a = make('a', NULL);
  use(a);
  say("1");
  witness b = make('b', NULL);
  use(b);
  say("2");
  make('c', NULL); /* nobody has it */
  say("3");
}

/* On the path without a use it goes where the paths part. */
__attribute__((noinline)) static void by_path(bool used) {
  witness d = make('d', NULL);
  say("(");
  if (used) {
    say("yes");
    use(d);
    say("still here");
  } else {
    say("no");
    say("not here");
  }
  say(")");
}

/* What is assigned over goes at once, if that was its last use. */
__attribute__((noinline)) static void overwritten(int n) {
  witness w = make('0', NULL);
  for (int i = 1; i < n; ++i) {
    use(w);
    w = make((char)('0' + i), NULL);
    say(";");
  }
  use(w);
}

/* A chain goes from its head on, and no further than somebody else holds it. */
__attribute__((noinline)) static void chain(void) {
  witness tail = make('t', make('u', NULL));
  witness head = make('p', make('q', tail));
  use(head);
  say("tail:");
  use(tail);
}

/* A field's old value goes when the field is written. */
__attribute__((noinline)) static void field(void) {
  witness w = make('w', make('x', NULL));
  say("1");
  w->holds = make('y', NULL);
  say("2");
  w->holds = NULL;
  say("3");
  use(w);
}

/* A slot whose address is known elsewhere goes when the function ends. */
__attribute__((noinline)) static void fill(witness *slot, char name) { *slot = make(name, NULL); }
__attribute__((noinline)) static void slot(void) {
  witness w = NULL;
  fill(&w, 's');
  use(w);
  fill(&w, 'z');
  say("end");
}

/* An argument that is owned by nobody else lives as long as the call borrows it. */
void borrows(witness w);
__attribute__((noinline)) void borrows(witness w) {
  say("[");
  use(w);
  say("]");
}

static void run(const char *name, void (*f)(void)) {
  printf("%s:", name);
  f();
  printf(" .\n");
}
static void both(void) {
  by_path(true);
  by_path(false);
}
static void four(void) { overwritten(4); }
static void borrowed(void) {
  borrows(make('e', NULL));
  say("after");
}

int main(void) {
  run("last use", last_use);
  run("by path", both);
  run("overwritten", four);
  run("chain", chain);
  run("field", field);
  run("slot", slot);
  run("borrowed", borrowed);
  at_most("the end", 0);
  return 0;
}

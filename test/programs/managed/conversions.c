/*===- conversions.c - Between managed references and plain pointers --------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A borrowed plain pointer keeps its object alive while it is used; a retained one has
 * a count of its own; release hands the count out, and adopt takes it back in.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <string.h>

#include "live.h"

typedef struct text cairn_managed *text;
struct text {
  text next;
  char bytes[24];
};
CAIRN_TYPE(text_type, struct text, next);

static text make(const char *bytes) {
  text t = cairn_ref_new(&text_type);
  /* A plain function gets a plain pointer. */
  struct text *plain = cairn_ref_borrow(t);
  strncpy(plain->bytes, bytes, sizeof plain->bytes - 1);
  plain->bytes[sizeof plain->bytes - 1] = 0;
  return t;
}

/* What a library might do that knows nothing of managed references. */
struct registry {
  void *all[4];
  int n;
};
__attribute__((noinline)) static void keep(struct registry *r, void *object) {
  r->all[r->n++] = object;
}
__attribute__((noinline)) static void forget(struct registry *r) {
  while (r->n)
    cairn_decref(r->all[--r->n]);
}

/* The bytes are used after the last use of the reference. */
__attribute__((noinline)) static size_t only_borrowed(void) {
  text t = make("borrowed bytes");
  const char *bytes = ((struct text *)cairn_ref_borrow(t))->bytes;
  t = make("other bytes, in the same memory?");
  size_t n =
      strlen(bytes) * 100 + strlen((const char *)((struct text *)cairn_ref_borrow(t))->bytes);
  return n;
}

__attribute__((noinline)) static void run(void) {
  struct registry r = {{NULL}, 0};
  text a = make("a"), b = make("b");
  b->next = a;
  keep(&r, cairn_ref_release(a)); /* the registry has a count of its own */
  at_most("two", 2);
  printf("%s%s\n", ((struct text *)r.all[0])->bytes, ((struct text *)cairn_ref_borrow(b))->bytes);
  b->next = NULL;
  a = NULL;
  at_most("the registry's and b", 2);
  text again = cairn_ref_retain(r.all[0]);
  forget(&r);
  at_most("retained, and b", 2);
  printf("%s\n", ((struct text *)cairn_ref_borrow(again))->bytes);
  again = NULL;
  at_most("b", 1);

  /* Made by plain calls, and adopted with its count. */
  struct text *plain = cairn_alloc(&text_type);
  strcpy(plain->bytes, "plain");
  b->next = cairn_ref_adopt(plain);
  printf("%s\n", ((struct text *)cairn_ref_borrow(b->next))->bytes);
  at_most("b and the adopted one", 2);
  for (int i = 0; i < 4; ++i)
    keep(&r, cairn_ref_release(i % 2 ? b : make("fresh")));
  at_most("four in the registry", 4);
  forget(&r);
  at_most("b and the adopted one", 2);
}

int main(void) {
  printf("borrowed %zu\n", only_borrowed());
  run();
  at_most("the end", 0);
  return 0;
}

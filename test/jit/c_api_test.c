/*===- c_api_test.c - The JIT from C ---------------------------------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn_jit.h>

#include <stdio.h>
#include <string.h>

static int failures;
#define EXPECT(what)                                                                               \
  do {                                                                                             \
    if (!(what)) {                                                                                 \
      printf("line %d: %s\n", __LINE__, #what);                                                    \
      ++failures;                                                                                  \
    }                                                                                              \
  } while (0)

static const char code[] = "declare ptr @cairn.alloc.bytes(i64)\n"
                           "declare i64 @twice(i64)\n"
                           "define ptr @make(i64 %n) {\n"
                           "  %m = call i64 @twice(i64 %n)\n"
                           "  %p = call ptr @cairn.alloc.bytes(i64 %m)\n"
                           "  ret ptr %p\n"
                           "}\n";

static int64_t twice(int64_t n) { return 2 * n; }

struct call {
  void *(*make)(int64_t);
  void *result;
};
static void once(void *context) {
  struct call *c = context;
  c->result = c->make(21);
}
static void forever(void *context) {
  struct call *c = context;
  for (;;)
    c->result = c->make(1000);
}

int main(void) {
  char *message = NULL;
  cairn_heap_options heap_options = {256 * 1024, "small", false};
  cairn_heap *heap = cairn_heap_create(&heap_options);
  cairn_jit_options options = {.heap = heap, .opt_level = 2};
  cairn_jit *jit = cairn_jit_create(&options, &message);
  EXPECT(jit && !message);
  EXPECT(cairn_jit_define(jit, "twice", (const void *)twice, &message));
  EXPECT(cairn_jit_add(jit, "m", code, strlen(code), &message) && !message);
  EXPECT(!cairn_jit_add(jit, "m", code, strlen(code), &message) && strstr(message, "'m'"));
  cairn_jit_free_message(message);
  EXPECT(!cairn_jit_add(jit, "bad", "define", 6, NULL));
  EXPECT(!cairn_jit_lookup(jit, "none", &message) && strstr(message, "'none'"));
  cairn_jit_free_message(message);

  struct call call = {0};
  *(void **)&call.make = cairn_jit_lookup(jit, "make", &message);
  EXPECT(call.make);
  EXPECT(cairn_jit_guard(jit, once, &call, NULL, &message));
  EXPECT(cairn_length(call.result) == 42 && cairn_heap_of(call.result) == heap);
  cairn_decref(call.result);

  cairn_jit_abandoned left;
  EXPECT(!cairn_jit_guard(jit, forever, &call, &left, &message));
  EXPECT(strstr(message, "heap exhausted: heap small") && left.objects > 50);
  cairn_jit_free_message(message);

  EXPECT(cairn_jit_remove(jit, "m", &message));
  EXPECT(!cairn_jit_remove(jit, "m", NULL));
  cairn_jit_destroy(jit);
  cairn_heap_destroy(heap);
  return failures != 0;
}

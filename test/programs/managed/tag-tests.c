/*===- tag-tests.c - Tags that are compared with constants --------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * Each comparison of a tag, and each choice by it, is made of all tags and of bytes of many
 * lengths, and compared with the same of the number.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/managed.h>
#include <inttypes.h>
#include <stdio.h>

typedef struct value cairn_managed *value;
struct value {
  value of;
};
CAIRN_TYPE(value_type, struct value, of);

/* Questions about a tag compare bits of the header. An object without a tag answers 0. */
#define ASKED(tag)                                                                                 \
  ((tag == 0) | (tag != 0) << 1 | (tag == 1) << 2 | (tag != 127) << 3 | (tag == 128) << 4 |        \
   (tag == 255) << 5 | (tag < 2) << 6 | (tag > 0) << 7 | (tag >= 255) << 8 | (tag <= 128) << 9)
__attribute__((noinline)) static int asked(value v) { return ASKED(cairn_ref_tag(v)); }
__attribute__((noinline)) static int few(value v) {
  switch (cairn_ref_tag(v)) {
  case 0:
  case 1:
    return 10;
  case 128:
    return 11;
  default:
    return 12;
  }
}
__attribute__((noinline)) static int without_zero(value v) {
  switch (cairn_ref_tag(v)) {
  case 1:
    return 20;
  case 255:
    return 21;
  default:
    return 22;
  }
}
static int expected(uint8_t tag) {
  return ASKED(tag) * 10000 +
         (tag < 2      ? 10
          : tag == 128 ? 11
                       : 12) *
             100 +
         (tag == 1     ? 20
          : tag == 255 ? 21
                       : 22);
}
static int answers(value v) { return asked(v) * 10000 + few(v) * 100 + without_zero(v); }
static void ask_all(void) {
  int wrong = 0;
  for (int tag = 0; tag != 256; ++tag) {
    value v = (value)cairn_ref_new_tagged(&value_type, (uint8_t)tag);
    wrong += answers(v) != expected((uint8_t)tag);
    for (size_t n = 1; n < 0x200000; n *= 2) /* bytes, whose header word is their number */
      if (tag == 0)
        wrong += answers((value)cairn_ref_new_bytes(n * 3)) != expected(0);
  }
  printf("%d wrong answers\n", wrong);
}

/* A tag is read, changed and read again; which of the two reads is tested is decided later. */
static volatile int seen;
__attribute__((noinline)) static int first_or_second(value v, int second) {
  uint8_t before = cairn_ref_tag(v);
  if (before == 9)
    return 50;
  cairn_ref_set_tag(v, 5);
  uint8_t after = cairn_ref_tag(v), tag;
  seen = after;
  if (second) {
    seen = 1;
    tag = after;
  } else {
    tag = before;
  }
  if (tag == 3) {
    seen = 4;
    return 1;
  }
  seen = 2;
  if (tag == 4) {
    seen = 5;
    return 2;
  }
  return 3;
}
static int changed(uint8_t tag, int second) {
  value v = (value)cairn_ref_new_tagged(&value_type, tag);
  return first_or_second(v, second);
}

int main(void) {
  ask_all();
  printf("%d %d %d %d\n", changed(3, 0), changed(3, 1), changed(4, 0), changed(9, 1));
  return 0;
}

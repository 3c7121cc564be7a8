/*===- setjmp.c - What the compiler makes of setjmp and longjmp -----------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A function that calls setjmp gives each call a label, and itself an address for as
 * long as it runs. It catches every exception with the tag below, and asks whether that
 * is for it.
 *
 *===------------------------------------------------------------------------===*/
#include "include/setjmp.h"

/* The exception's tag: it carries the address of `thrown`. */
#if __clang_major__ >= 22 /* older ones define it wherever it is used */
__asm__(".globl __c_longjmp\n"
        ".tagtype __c_longjmp i32\n"
        "__c_longjmp:\n");
#endif
enum { LongjmpTag = 1 }; /* the compiler's number for it */

void __wasm_setjmp(struct cairn_jump *jump, unsigned label, void *frame) {
  jump->frame = frame;
  jump->label = label;
}

/* The label of the setjmp to return from; 0 if that was in another function. */
unsigned __wasm_setjmp_test(const struct cairn_jump *jump, const void *frame) {
  return jump->frame == frame ? jump->label : 0;
}

void __wasm_longjmp(struct cairn_jump *jump, int value) {
  jump->thrown.to = jump;
  jump->thrown.value = value ? value : 1;
  __builtin_wasm_throw(LongjmpTag, &jump->thrown);
}

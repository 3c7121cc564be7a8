/*===- setjmp.h - The C library's, where wasi-libc has none ---------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The compiler makes a longjmp an exception of WebAssembly's, which the function that
 * called setjmp catches. runtime/wasm/setjmp.c has what it calls.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_WASI_SETJMP_H
#define CAIRN_WASI_SETJMP_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_jump {
  void *frame;
  unsigned label;
  struct {
    struct cairn_jump *to;
    int value;
  } thrown;
} jmp_buf[1];

int setjmp(jmp_buf) __attribute__((returns_twice));
void longjmp(jmp_buf, int) __attribute__((noreturn));
#define setjmp setjmp

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_WASI_SETJMP_H */

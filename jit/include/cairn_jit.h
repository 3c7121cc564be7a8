/*===- cairn_jit.h - JIT code on a heap that its host uses too, for C -----------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * The C door of cairn/jit.h, where the semantics are. Functions that can fail return
 * false and, if `message` is not NULL, set it to a text that names the module, the
 * function and the symbol; free it with cairn_jit_free_message.
 *
 *===------------------------------------------------------------------------===*/
#ifndef CAIRN_JIT_C_H
#define CAIRN_JIT_C_H

#include <cairn.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cairn_jit cairn_jit;

typedef struct cairn_jit_options {
  cairn_heap *heap;        /**< NULL: the default heap */
  unsigned opt_level;      /**< 0 to 3 */
  bool debugger;           /**< register code with GDB */
  bool perf;               /**< write a jitdump for perf */
  bool no_process_symbols; /**< do not look in the process for libc and the like */
} cairn_jit_options;

/** NULL options: the default heap, -O2. NULL on failure. Destroy with cairn_jit_destroy. */
cairn_jit *cairn_jit_create(const cairn_jit_options *options, char **message);
/** Gives all its code back. No thread may be in it, and no object may live whose
 *  finaliser lies in it. */
void cairn_jit_destroy(cairn_jit *jit);

/** Adds a module of `size` bytes of IR text or bitcode under a name not in use. */
bool cairn_jit_add(cairn_jit *jit, const char *name, const void *code, size_t size, char **message);
/** Refused while objects live whose finaliser lies in the module. */
bool cairn_jit_remove(cairn_jit *jit, const char *name, char **message);
/** Lets modules use a host function (or datum) under this name. */
bool cairn_jit_define(cairn_jit *jit, const char *symbol, const void *address, char **message);
/** The address of a function or variable, or NULL. */
void *cairn_jit_lookup(cairn_jit *jit, const char *symbol, char **message);

typedef struct cairn_jit_abandoned {
  uint64_t objects, blocks, bytes;
} cairn_jit_abandoned;

/** Calls f(context), which calls JIT code. False if the heap was exhausted: the call was
 *  left by longjmp, and `left`, if not NULL, says what it held. */
bool cairn_jit_guard(cairn_jit *jit, void (*f)(void *context), void *context,
                     cairn_jit_abandoned *left, char **message);

void cairn_jit_free_message(char *message);

#ifdef __cplusplus
}
#endif

#endif /* CAIRN_JIT_C_H */

/*===- cairn_jit.h - JIT code on a heap that its host uses too, for C -----------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * cairn/jit.h for callers in C; that header describes what each function does. A function
 * that fails returns false or NULL. If `message` is not NULL, it is then set to a text that
 * names the module, the function and the symbol; free it with cairn_jit_free_message.
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
  bool checked;            /**< every call looks for mistakes */
} cairn_jit_options;

/** NULL options: the default heap, -O2. NULL on failure. Destroy with cairn_jit_destroy. */
cairn_jit *cairn_jit_create(const cairn_jit_options *options, char **message);
/** Removes all of the session's code. No thread may be in that code, and no object may be
 *  alive whose finaliser lies in it. */
void cairn_jit_destroy(cairn_jit *jit);

/** Adds a module of `size` bytes of IR text or bitcode under a name not in use. */
bool cairn_jit_add(cairn_jit *jit, const char *name, const void *code, size_t size, char **message);
/** Fails while objects are alive whose finaliser lies in the module, and while another module
 *  uses it. */
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

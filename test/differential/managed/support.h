/*===- support.h - What random managed programs stand on ----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A program (program.py) has mg_round, which is called until it has executed so many
 * statements, mg_clear, which empties its global slots, and mg_start, which names them to
 * the model. With MODEL defined, the program is the model: references are plain pointers,
 * objects come from a heap that is marked and swept, and at each call the program says
 * which of its variables are live.
 *
 *===------------------------------------------------------------------------===*/
#ifndef SUPPORT_H
#define SUPPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef MODEL
#include <cairn.h>
#define cairn_managed
#define cairn_owned(...)
#define cairn_borrowed(...)
#define cairn_ref_new(type) mg_new(type, 0)
#define cairn_ref_new_tagged(type, tag) mg_new(type, tag)
#define cairn_ref_new_array(type, n) mg_new_array(n)
#define cairn_ref_tag mg_tag
#define cairn_ref_length mg_length
#define cairn_ref_share(object) ((void)(object))
#define cairn_ref_borrow(object) ((void *)(object))
#define cairn_ref_retain(object) (object)
#define cairn_ref_adopt(object) (object)
#define cairn_ref_release(object) (object)
#define MG_PUSH(...) mg_push(__VA_ARGS__)
#define MG_POP() mg_pop()
#else
#ifdef SUPPORT /* this library itself */
#include <cairn.h>
#else
#include <cairn/managed.h>
#endif
#define MG_PUSH(...) ((void)0)
#define MG_POP() ((void)0)
#endif

#ifdef __cplusplus
extern "C" {
#endif

extern uint64_t mg_acc, mg_state;
extern int64_t mg_births, mg_fuel, mg_operations;

int64_t mg_round(int64_t round);
void mg_clear(void);
void mg_start(void);

/** A finaliser. */
void mg_final(void *object);
/** Looks now and then at how many objects are live. The model writes the numbers to the
 *  file $MG_TRACE; the program reads them there, and counts how often it has more. */
void mg_check(void);
/** Throws now and then; only in programs with exceptions. */
void mg_may_throw(void);
/** mg_round, with a handler around it if the program has exceptions. */
void mg_guarded_round(int64_t round);

/** Before count number n of a program whose counts are watched. */
void mg_site(uint32_t n, const void *object);

/** n slots that references are in between rounds. */
void mg_roots(void **slots, int n);
/** By tag, less one. */
extern const cairn_type *const mg_types[];

/* The model's. */
void *mg_new(const cairn_type *type, uint8_t tag);
void *mg_new_array(uint64_t n);
uint8_t mg_tag(const void *object);
uint64_t mg_length(const void *object);
/** n pointers to objects, into them, or null: live until they are popped. */
void mg_push(int n, ...);
void mg_pop(void);
int mg_depth(void);
void mg_restore(int depth);

#ifdef __cplusplus
}
#endif

#endif /* SUPPORT_H */

/*===- plain.c - A round of a program without exceptions -----------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#ifndef MODEL
#define SUPPORT
#endif
#include "support.h"

void mg_guarded_round(int64_t round) { mg_round(round); }
void mg_may_throw(void) {}

/*===- both.h - A function of trees, with and without other owners ---------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * For programs of this folder that have a type `node` with the fields left and right, a function
 * tree(depth, first), and hash(), which depends on all of a structure.
 *
 *===------------------------------------------------------------------------===*/
#ifndef BOTH_H
#define BOTH_H

#include <inttypes.h>
#include <stdio.h>

/* Calls f with a tree that somebody keeps as a whole, with one of which somebody keeps a part, and
 * with one that nobody else has. What is kept must not change. Prints the hashes of the results. */
#define BOTH(what, f)                                                                              \
  do {                                                                                             \
    node kept = tree(6, 1), part = tree(6, 1);                                                     \
    node inner = part->left->right;                                                                \
    int64_t before = hash(kept), inside = hash(inner);                                             \
    int64_t shared = hash(f(kept)), partly = hash(f(part));                                        \
    part = NULL;                                                                                   \
    printf("%s: %s, %" PRId64 " %" PRId64 " %" PRId64 "\n", what,                                  \
           hash(kept) == before && hash(inner) == inside ? "kept" : "CHANGED", shared, partly,     \
           hash(f(tree(6, 1))));                                                                   \
  } while (0)

#endif /* BOTH_H */

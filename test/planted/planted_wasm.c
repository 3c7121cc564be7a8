/*===- planted_wasm.c - The module that planted_js.mjs makes mistakes with ------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <cairn/containers.h>

struct cell {
  struct cell *next;
  int32_t value;
};
CAIRN_TYPE(cell_type, struct cell, next);

__attribute__((export_name("cons"))) struct cell *cons(int32_t value, struct cell *next) {
  struct cell *c = cairn_alloc(&cell_type);
  c->value = value;
  c->next = next;
  return c;
}

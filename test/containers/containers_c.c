/*===- containers_c.c - The header of the containers is C11 ---------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===*/
#include <cairn/containers.h>

int64_t sumFromC(const void *list);

int64_t sumFromC(const void *list) {
  int64_t sum = 0;
  for (uint32_t i = 0; i < cairn_list_length(list); ++i)
    sum += cairn_list_get(list, i);
  return sum;
}

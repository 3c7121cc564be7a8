/*===- arrays.c - Arrays of arrays, of records and of bytes ------------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A typed array holds its elements in place: references, or records with managed
 * fields between plain ones. Its length is part of it.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct cell {
  uint32_t row, column;
};
CAIRN_TYPE(cell_type, struct cell);

struct record {
  uint64_t id;
  char *name; /* bytes */
  double weight;
  void **links; /* an array of references */
};
CAIRN_TYPE(record_type, struct record, name, links);

/* 300 rows; row i has i cells, each an object of its own. */
static void triangle(void) {
  enum { ROWS = 300 };
  struct cell ***rows = cairn_alloc_array(&cairn_type_ref, ROWS);
  for (uint32_t i = 0; i < ROWS; ++i) {
    rows[i] = cairn_alloc_array(&cairn_type_ref, i);
    for (uint32_t j = 0; j < i; ++j) {
      rows[i][j] = cairn_alloc(&cell_type);
      rows[i][j]->row = i;
      rows[i][j]->column = j;
    }
  }
  uint64_t sum = 0;
  size_t cells = 0;
  for (size_t i = 0; i < cairn_length(rows); ++i)
    for (size_t j = 0; j < cairn_length(rows[i]); ++j, ++cells)
      sum += rows[i][j]->row * rows[i][j]->column;
  printf("triangle: %zu cells, sum %" PRIu64 "\n", cells, sum);
  struct cell **kept = rows[7];
  cairn_incref(kept);
  cairn_decref(rows);
  printf("row kept: %zu cells, the last at %" PRIu32 "\n", cairn_length(kept), kept[6]->column);
  cairn_decref(kept);
}

/* Elements that are records; new ones have null references. */
static void records(void) {
  enum { RECORDS = 50 };
  struct record *table = cairn_alloc_array(&record_type, RECORDS);
  size_t empty = 0;
  for (size_t i = 0; i < RECORDS; ++i)
    empty += !table[i].name && !table[i].links;
  for (size_t i = 0; i < RECORDS; i += 2) {
    char name[32];
    int n = snprintf(name, sizeof name, "record %zu", i);
    table[i].id = i;
    table[i].weight = (double)i / 4;
    table[i].name = cairn_alloc_bytes((size_t)n);
    memcpy(table[i].name, name, (size_t)n);
    table[i].links = cairn_alloc_array(&cairn_type_ref, 2);
    for (size_t k = 0; k < 2 && i >= 2; ++k) {
      table[i].links[k] = table[i - 2].name;
      cairn_incref(table[i - 2].name);
    }
  }
  char *name = table[48].links[1];
  printf("records: %zu empty at first, aligned %d, ", empty, (int)((uintptr_t)table % 16 == 0));
  printf("48 links to \"%.*s\", count %" PRId64 ", weight %g\n", (int)cairn_length(name), name,
         cairn_refcount(name), table[48].weight);
  cairn_decref(table);
}

/* From nothing to megabytes. */
static void bytes(void) {
  static const size_t sizes[] = {0, 1, 7, 12, 13, 100, 2035, 2036, 2037, 5000, 70000, 3000000};
  unsigned char *all[sizeof sizes / sizeof *sizes];
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    all[i] = cairn_alloc_bytes(sizes[i]);
    memset(all[i], (int)i + 1, sizes[i]);
  }
  printf("bytes:");
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    size_t n = cairn_length(all[i]), same = 0;
    while (same < n && all[i][same] == i + 1)
      ++same;
    printf(" %zu%s", n, same == n ? "" : "!");
    cairn_decref(all[i]);
  }
  printf("\n");

  double *numbers = cairn_alloc_array(&cairn_type_byte, 1000 * sizeof(double));
  double sum = 0;
  for (int i = 0; i < 1000; ++i)
    numbers[i] = i * 0.5;
  for (int i = 0; i < 1000; ++i)
    sum += numbers[i];
  printf("numbers: %g in %zu bytes\n", sum, cairn_length(numbers));
  cairn_decref(numbers);
}

/* An array in an array in an array, sixty deep, and one element wide. */
static void nested(void) {
  void **outer = NULL;
  for (int i = 0; i < 60; ++i) {
    void **around = cairn_alloc_array(&cairn_type_ref, 1 + (size_t)i * 10);
    around[i * 10] = outer;
    outer = around;
  }
  size_t depth = 0;
  for (void **at = outer; at; at = at[cairn_length(at) - 1])
    ++depth;
  printf("nested: %zu deep\n", depth);
  cairn_decref(outer);
}

int main(void) {
  triangle();
  records();
  bytes();
  nested();
  return 0;
}

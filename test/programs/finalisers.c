/*===- finalisers.c - Finalisers run once, and may allocate and drop ---------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * A finaliser sees its object whole: its fields are released after it returns. What
 * it drops is dropped after it returns.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <inttypes.h>
#include <stdio.h>

static int closed, logged;

struct file {
  struct file *parent;
  int id;
};

static void file_close(void *object) {
  struct file *file = object;
  ++closed;
  if (file->id < 5)
    printf("close %d, parent %d\n", file->id, file->parent ? file->parent->id : -1);
}
CAIRN_TYPE_FINAL(file_type, struct file, file_close, parent);

/* Allocates, and drops what it allocated, while it is being dropped itself. */
struct logger {
  char *buffer; /* bytes */
  uint64_t lines;
};

static void logger_flush(void *object) {
  struct logger *logger = object;
  for (uint64_t i = 0; i < logger->lines; ++i) {
    struct file *temporary = cairn_alloc(&file_type);
    temporary->id = 1000;
    cairn_decref(temporary);
  }
  logged += (int)cairn_length(logger->buffer);
}
CAIRN_TYPE_FINAL(logger_type, struct logger, logger_flush, buffer);

/* Owns a raw block: what a finaliser is for. */
struct owner {
  void *block;
};

static void owner_free(void *object) { cairn_free(((struct owner *)object)->block); }
CAIRN_TYPE_FINAL(owner_type, struct owner, owner_free);

static struct file *open_file(int id, struct file *parent) {
  struct file *file = cairn_alloc(&file_type);
  file->id = id;
  file->parent = parent; /* takes over its count */
  return file;
}

int main(void) {
  struct file *root = open_file(0, NULL);
  cairn_incref(root);
  struct file *one = open_file(1, root);
  struct file *two = open_file(2, root);
  cairn_decref(one);
  printf("root has count %" PRId64 "\n", cairn_refcount(root));
  cairn_decref(two);
  printf("closed %d\n", closed);

  struct file *chain = NULL;
  for (int i = 0; i < 100000; ++i)
    chain = open_file(i + 5, chain);
  cairn_decref(chain);
  printf("closed %d\n", closed);

  struct logger *logger = cairn_alloc(&logger_type);
  logger->buffer = cairn_alloc_bytes(80);
  logger->lines = 10;
  cairn_decref(logger);
  printf("closed %d, logged %d\n", closed, logged);

  void **owners = cairn_alloc_array(&cairn_type_ref, 100);
  for (int i = 0; i < 100; ++i) {
    struct owner *owner = cairn_alloc(&owner_type);
    owner->block = cairn_malloc((size_t)i * 50);
    owners[i] = owner;
  }
  cairn_decref(owners);

  /* An array whose elements have a finaliser: once for each. */
  struct owner *many = cairn_alloc_array(&owner_type, 7);
  for (int i = 0; i < 7; ++i)
    many[i].block = cairn_malloc(24);
  cairn_decref(many);

  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  printf("left: %" PRIu64 " objects, %" PRIu64 " blocks\n", stats.live_objects, stats.live_blocks);
  return 0;
}

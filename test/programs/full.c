/*===- full.c - A full heap: null, the handler, and room again ---------------===
 *
 * Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===------------------------------------------------------------------------===
 *
 * In a heap of 256 KiB the raw calls and cairn_heap_try_alloc return null when there
 * is no room; cairn_heap_alloc calls the heap's handler, which may make room, or
 * leave by longjmp. The heap stays usable after each.
 *
 *===------------------------------------------------------------------------===*/
#include <cairn.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

struct node {
  struct node *next;
  uint64_t payload[5];
};
CAIRN_TYPE(node_type, struct node, next);

static cairn_heap *heap;
static struct node *cache; /* what the handler gives up */
static unsigned calls;
static jmp_buf out;

/* An allocation that is only compared with null may be removed, with the comparison:
 * what must happen is stored here. */
static void *volatile sink;
static bool refused(void *p) {
  sink = p;
  return !sink;
}

static bool make_room(const cairn_oom *oom, void *context) {
  ++*(unsigned *)context;
  if (oom->heap != heap || oom->limit != cairn_heap_size(heap) || !oom->request)
    printf("wrong report\n");
  if (!cache)
    longjmp(out, 1);
  cairn_decref(cache);
  cache = NULL;
  return true;
}

static bool give_up(const cairn_oom *oom, void *context) {
  (void)oom;
  ++*(unsigned *)context;
  longjmp(out, 1);
}

/* As many nodes as there is room for. */
static struct node *fill(size_t *count) {
  struct node *list = NULL, *node;
  for (*count = 0; (node = cairn_heap_try_alloc(heap, &node_type)) != NULL; ++*count) {
    node->next = list;
    list = node;
  }
  return list;
}

static uint64_t live(void) {
  cairn_stats stats;
  cairn_stats_get(heap, &stats);
  return stats.live_objects + stats.live_blocks;
}

int main(void) {
  cairn_heap_options options = {256 * 1024, "small", false};
  heap = cairn_heap_create(&options);
  if (!heap) {
    printf("no heap\n");
    return 1;
  }
  printf("a heap of %zu KiB\n", cairn_heap_size(heap) / 1024);

  size_t first, second;
  struct node *list = fill(&first);
  printf("full: over 2000 nodes %d, raw null %d, bytes null %d, array null %d\n", first > 2000,
         refused(cairn_heap_malloc(heap, 100000)),
         refused(cairn_heap_try_alloc_bytes(heap, 100000)),
         refused(cairn_heap_try_alloc_array(heap, &cairn_type_ref, 100000)));
  cairn_decref(list);
  printf("live after the drop: %" PRIu64 "\n", live());
  list = fill(&second);
  printf("as many again: %d\n", first == second);

  /* The handler drops a cache, and the allocation goes on. */
  cairn_set_oom_handler(heap, make_room, &calls);
  cache = list;
  struct node *node = cairn_heap_alloc(heap, &node_type);
  printf("handler called %u times, count %" PRId64 "\n", calls, cairn_refcount(node));

  /* It has nothing to give: it leaves. */
  volatile size_t made = 0;
  struct node *volatile kept = node;
  if (!setjmp(out)) {
    for (;; ++made) {
      struct node *more = cairn_heap_alloc(heap, &node_type);
      more->next = kept;
      kept = more;
    }
  }
  printf("left by longjmp: handler called %u times, over 2000 nodes %d\n", calls, made > 2000);

  /* The same from the other calls. */
  cairn_set_oom_handler(heap, give_up, &calls);
  if (!setjmp(out))
    sink = cairn_heap_alloc_bytes(heap, 5000);
  if (!setjmp(out))
    sink = cairn_heap_alloc_array(heap, &cairn_type_ref, 5000);
  printf("handler called %u times\n", calls);
  cairn_decref(kept);
  printf("live after the drop: %" PRIu64 "\n", live());

  /* Room for other sizes now, small and large. */
  void *raw = cairn_heap_malloc(heap, 50000);
  char *bytes = cairn_heap_alloc_bytes(heap, 3000);
  printf("raw %d, bytes %zu, heap whole %d\n", raw != NULL, cairn_length(bytes),
         cairn_heap_check(heap));
  cairn_free(raw);
  cairn_decref(bytes);
  cairn_heap_destroy(heap);
  return 0;
}

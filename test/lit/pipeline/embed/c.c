/* C through clang: with the plugin the calls are inlined, without it they are calls of
 * the same functions; the program does the same, at each level.
 *
 * REQUIRES: runtime
 * RUN: %clang_cairn -O2 -S %s -o - | FileCheck %s --check-prefix=INLINED
 * RUN: %clang -O2 -S %s -o - | FileCheck %s --check-prefix=CALLED
 * RUN: %clang_cairn -O0 %s %libcairn -pthread -o %t && %t
 * RUN: %clang_cairn -O1 %s %libcairn -pthread -o %t && %t
 * RUN: %clang_cairn -O2 %s %libcairn -pthread -o %t && %t
 * RUN: %clang_cairn -O3 %s %libcairn -pthread -o %t && %t
 * RUN: %clang_cairn -O2 -g -fsanitize=undefined %s %libcairn -pthread -o %t && %t
 * RUN: %clang_cairn -O2 -static-pie -fPIE %s %libcairn -pthread -o %t && %t
 * RUN: %clang_cairn -O2 -fno-pie -no-pie -static %s %libcairn -pthread -o %t && %t
 * RUN: %clang -O2 %s %libcairn -pthread -o %t && %t
 *
 * INLINED-NOT: {{cairn\.|cairn_fast_|cairn_alloc|cairn_decref}}
 * CALLED: cairn_alloc
 */
#include <cairn.h>

struct tree {
  struct tree *left, *right;
  long value;
};
CAIRN_TYPE(tree_type, struct tree, left, right);

static int finished;
static void finish(void *p) {
  (void)p;
  finished++;
}
struct file {
  int number;
};
CAIRN_TYPE_FINAL(file_type, struct file, finish);

static struct tree *grow(int depth) {
  struct tree *t = cairn_alloc(&tree_type);
  if (t->left || t->right)
    return NULL;
  t->value = 1;
  if (depth) {
    t->left = grow(depth - 1);
    t->right = grow(depth - 1);
  }
  return t;
}

static long sum(const struct tree *t) { return t ? t->value + sum(t->left) + sum(t->right) : 0; }

int main(void) {
  struct tree *t = grow(10);
  if (sum(t) != 2047)
    return 1;
  cairn_incref(t);
  if (cairn_is_unique(t))
    return 2;
  cairn_decref(t);
  if (!cairn_is_unique(t))
    return 3;
  cairn_decref(t);

  void *file = cairn_alloc_tagged(&file_type, 9);
  if (cairn_tag(file) != 9)
    return 4;
  cairn_decref(file);
  cairn_decref(cairn_alloc(&file_type));
  if (finished != 2)
    return 5;

  char *bytes = cairn_alloc_bytes(100);
  for (int i = 0; i < 100; i++)
    bytes[i] = (char)i;
  if (cairn_length(bytes) != 100)
    return 6;
  cairn_decref(bytes);

  for (size_t n = 0; n < 5000; n += 7) {
    char *p = cairn_malloc(n);
    if (!p)
      return 7;
    for (size_t i = 0; i < n; i++)
      p[i] = (char)n;
    cairn_free_sized(p, n);
  }
  cairn_heap *heap = cairn_heap_create(NULL);
  char *q = cairn_heap_malloc(heap, 48);
  struct tree *r = cairn_heap_alloc(heap, &tree_type);
  if (!q || r->left || cairn_heap_of(q) != heap || cairn_heap_of(r) != heap)
    return 8;
  cairn_free(q);
  cairn_decref(r);
  cairn_heap_destroy(heap);

  cairn_stats stats;
  cairn_stats_get(NULL, &stats);
  return stats.live_blocks == 0 && stats.live_objects == 0 ? 0 : 9;
}

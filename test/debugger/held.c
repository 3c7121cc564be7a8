/* held.c - A program that GDB looks into (gdb_test.py). */
#include <cairn.h>
#include <stdlib.h>

struct node {
  void *next, *other;
  long value;
};
CAIRN_TYPE(node_type, struct node, next, other);
struct resource {
  void *of;
  int number;
};
static void closed(void *object) { (void)object; }
CAIRN_TYPE_FINAL(resource_type, struct resource, closed, of);

char *cache;

int main(int argc, char **argv) {
  (void)argv;
  struct node *a = cairn_alloc_tagged(&node_type, 5), *b = cairn_alloc(&node_type);
  a->next = b;
  cairn_incref(b);
  struct resource *r = cairn_alloc(&resource_type);
  r->of = a;
  cairn_incref(a);
  void **array = cairn_alloc_array(&cairn_type_ref, 3);
  array[1] = b;
  cairn_incref(b);
  cairn_share(b);
  char *large = cairn_malloc(100000), *gone = cairn_malloc(100);
  cache = cairn_malloc(100);
  *(void **)(cache + 16) = a;
  cairn_free(gone);
  cairn_heap_options options = {0, "second", false};
  cairn_heap *heap = cairn_heap_create(&options);
  void *bytes = cairn_heap_alloc_bytes(heap, 10);
  if (argc > 0)
    abort(); /* here */
  return large && bytes;
}

/* What the optimiser inferred about a function from its intrinsics (that it touches no
 * memory the program can see) does not hold once the header stores are in it: a caller
 * in the same module would keep the tag that it read before the call.
 *
 * RUN: %cairn build -O2 %s -o %t && %t | FileCheck %s
 * RUN: %cairn build -O2 --emit=llvm %s -o - | FileCheck %s --check-prefix=IR
 *
 * CHECK: {{^}}9{{$}}
 * IR-NOT: memory(inaccessiblemem: readwrite)
 */
#include <cairn.h>
#include <stdio.h>

struct node {
  struct node *next;
};
CAIRN_TYPE(node_type, struct node, next);

__attribute__((noinline)) void set(void *object) { cairn_set_tag(object, 9); }

__attribute__((noinline)) int around(void *object) {
  int before = cairn_tag(object);
  set(object);
  return before * 100 + cairn_tag(object);
}

int main(void) {
  struct node *object = cairn_alloc(&node_type);
  printf("%d\n", around(object));
  cairn_decref(object);
}

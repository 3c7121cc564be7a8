// A recursion with debug information becomes a loop, and the module stays valid.
// RUN: %clang -g -O1 -Xclang -disable-llvm-passes -emit-llvm -S %s -o - | %opt -passes='cairn-managed<O2>,verify' -S | FileCheck %s
#include <cairn/managed.h>
typedef struct node cairn_managed *node;
struct node {
  node next;
  long key;
};
CAIRN_TYPE(type, struct node, next);
// CHECK-LABEL: @upto(
// CHECK: phi {{.*}}%next.hole
// CHECK-NOT: call {{.*}}@upto(
node upto(int n) {
  if (!n)
    return NULL;
  node made = cairn_ref_new(&type);
  made->key = n;
  made->next = upto(n - 1);
  return made;
}

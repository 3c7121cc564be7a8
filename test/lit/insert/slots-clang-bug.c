// clang 22 loses the address space of the operands of ?: if one of them points to const, and does not
// verify its own code. Without the error, the reference would be used without a count.
// RUN: not %clang_cairn -O0 -c %s -o %t.o 2>&1 | FileCheck %s
// RUN: sed 's/c ? a : b/c ? (node)a : b/' %s > %t.c
// RUN: %clang_cairn -DCAST -O0 -c %t.c -o %t.o

typedef struct node __attribute__((address_space(77))) *node;
struct node { node left; };
// CHECK: slots-clang-bug.c:10:{{.*}} error: {{.*}}cairn: the frontend lost a reference's address space here, which clang 22 does for the operands of ?:
node choose(int c, const struct node __attribute__((address_space(77))) *a, node b) {
  return (node)(c ? a : b);
}

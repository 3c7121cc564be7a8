// What cairn/managed.h leaves in IR for the passes: pointers in the space of references, what
// declarations and definitions say of ownership, and the marker.
// RUN: %clang -O0 -S -emit-llvm %s -o - | FileCheck %s
// RUN: %clang -O2 -S -emit-llvm --target=aarch64-linux-gnu -ffreestanding %s -o - | FileCheck %s
// RUN: %clang -O1 -S -emit-llvm --target=wasm32 -ffreestanding %s -o - | FileCheck %s

// An object file that the passes did not see needs what no library defines, even if the linker
// is to delete what nobody uses.
// RUN: %clang -O2 -c -ffunction-sections -fdata-sections %s -o %t.o
// RUN: llvm-nm %t.o | FileCheck %s --check-prefix=MARKER
// RUN: not %clang %t.o %libcairn -fuse-ld=lld -Wl,--gc-sections -pthread -ldl -o %t 2>&1 | FileCheck %s --check-prefix=LINK
// RUN: %clang -O2 -c --target=wasm32 -ffreestanding %s -o %t.wasm.o
// RUN: not wasm-ld --no-entry %t.wasm.o -o %t.wasm 2>&1 | FileCheck %s --check-prefix=LINK

// A compiler that has no address spaces says what is missing; so does one of a parameter that
// has an attribute of functions.
// RUN: not %cc -I%include -fsyntax-only -U__clang__ %s 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: %clang -fsyntax-only -DMISPLACED %s 2>&1 | FileCheck %s --check-prefix=MISPLACED

// MARKER-DAG: U cairn_needs_the_managed_pass
// MARKER-DAG: U cairn_ref_new
// LINK: undefined symbol: cairn_needs_the_managed_pass
// OTHER: error: {{.*}}cairn/managed.h needs clang with Cairn's plugin, or the cairn driver
// MISPLACED: warning: 'diagnose_if' attribute only applies to functions

#include <cairn/managed.h>

typedef struct node cairn_managed *node;
struct node {
  node next, kids[2];
  long key;
};
CAIRN_TYPE(node_type, struct node, next, kids[0], kids[1]);

cairn_owned(2) cairn_borrowed(0) node declared(long n, node taken, node lent);
#ifdef MISPLACED
void misplaced(node n cairn_owned(1));
#endif

// CHECK-DAG: @cairn_managed_marker_ = internal {{.*}}ptr @cairn_needs_the_managed_pass
// CHECK-DAG: @cairn_needs_the_managed_pass = external
// CHECK-DAG: [[OWNED2:@.*]] = {{.*}}c"cairn-owned:2\00"
// CHECK-DAG: [[LENT:@.*]] = {{.*}}c"cairn-borrowed:0\00"
// CHECK-DAG: [[OWNED12:@.*]] = {{.*}}c"cairn-owned:1, 2\00"
// CHECK: @llvm.global.annotations = {{.*}}{ ptr @defined, ptr [[OWNED12]],{{.*}}{ ptr @declared, ptr [[OWNED2]],{{.*}}{ ptr @declared, ptr [[LENT]],
// CHECK: define {{.*}}ptr addrspace(77) @defined(ptr addrspace(77) {{.*}}, ptr addrspace(77)
// CHECK: call ptr addrspace(77) @cairn_ref_new(ptr {{.*}}@node_type)
// CHECK: store ptr addrspace(77) %{{.*}}, ptr addrspace(77)
cairn_owned(1, 2) node defined(node a, node b) {
  node n = cairn_ref_new(&node_type);
  n->next = a;
  n->kids[1] = declared(1, b, a);
  return n;
}

int main(void) {
  return defined(NULL, NULL) != NULL;
}

// What a C declaration or definition says of ownership becomes string attributes, of the
// parameter or the result that the number names. Other annotations stay, and the marker goes:
// the passes have seen the module.
// RUN: %clang -fpass-plugin=%plugin -O0 -Xclang -disable-llvm-passes -S -emit-llvm %s -o %t.ll
// RUN: %opt -passes='cairn-import,verify' -S %t.ll | FileCheck %s --implicit-check-not=cairn_needs --implicit-check-not=cairn_managed_marker
// RUN: %opt -passes='cairn-import,cairn-import' -S %t.ll | FileCheck %s
//
// What it cannot mean is an error with the function's name and the position.
// It is said once.
// RUN: not %clang -fpass-plugin=%plugin '-DBAD=cairn_owned(4)' -S %s -o - 2>&1 | FileCheck %s --check-prefix=MANY
// RUN: not %clang -fpass-plugin=%plugin '-DBAD=cairn_owned(1)' -S %s -o - 2>&1 | FileCheck %s --check-prefix=PLAIN
// RUN: not %clang -fpass-plugin=%plugin '-DBAD=cairn_owned(2)' -S %s -o - 2>&1 | FileCheck %s --check-prefix=BOTH
// RUN: not %clang -fpass-plugin=%plugin '-DBAD=cairn_owned(two)' -S %s -o - 2>&1 | FileCheck %s --check-prefix=WORD

#include <cairn/managed.h>

typedef struct node cairn_managed *node;
struct three {
  node a, b, c;
};

// CHECK: @llvm.global.annotations = appending global [1 x {{.*}} @other
// CHECK-NOT: cairn-owned:
// CHECK: define {{.*}} @other(
__attribute__((annotate("other"))) void other(void) {}

cairn_owned(1, 3) cairn_borrowed(0) node defined(node a, node b, node c);
#define SECOND 2
cairn_owned(SECOND) node declared(long n, node taken);
// CHECK: define {{.*}} @many(ptr dead_on_unwind noalias writable sret(%struct.three) align 8 %{{[^,]*}}, ptr addrspace(77) {{[^,]*}}"cairn-owned" %
cairn_owned(1) struct three many(node a) { return (struct three){a, a, a}; }

// CHECK: define {{.*}} "cairn-borrowed" ptr addrspace(77) @defined(ptr addrspace(77) {{[^,]*}}"cairn-owned" %{{[^,]*}}, ptr addrspace(77) noundef %{{[^,]*}}, ptr addrspace(77) {{[^,]*}}"cairn-owned" %
node defined(node a, node b, node c) { return declared(1, c); }
// CHECK: declare ptr addrspace(77) @declared(i64 noundef, ptr addrspace(77) noundef "cairn-owned")

#ifdef BAD
// MANY: error: cairn: cairn-owned(4) on function 'bad': it has 2 parameters
// MANY-NOT: error: 
// PLAIN: cairn-owned(1) on function 'bad': the parameter is no managed reference
// BOTH: cairn-owned(2) on function 'bad': it is cairn-borrowed as well
// WORD: cairn-owned(two) on function 'bad': positions are numbers
cairn_borrowed(2) BAD void bad(long n, node a) {}
#endif

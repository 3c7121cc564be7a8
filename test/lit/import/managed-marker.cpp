// The marker of cairn/managed.h goes from C++ too, where clang gives the variable a mangled name
// and an alias with the header's.
// RUN: %clang++ -I%include -O0 -S -emit-llvm %s -o %t.ll
// RUN: FileCheck %s --check-prefix=CLANG --input-file=%t.ll
// RUN: %opt -passes=cairn-import -S %t.ll | FileCheck %s
// CLANG: @_ZL21cairn_managed_marker_ = internal global ptr @cairn_needs_the_managed_pass
// CLANG: @cairn_managed_marker_ = internal alias ptr, ptr @_ZL21cairn_managed_marker_
// CHECK-NOT: cairn_managed_marker
// CHECK-NOT: cairn_needs_the_managed_pass
// CHECK: define {{.*}} @{{.*}}make
// CHECK-NOT: cairn_needs_the_managed_pass
#include <cairn/managed.h>

struct node {
  int value;
};
CAIRN_TYPE(node_type, node);

node cairn_managed *make() { return static_cast<node cairn_managed *>(cairn_ref_new(&node_type)); }

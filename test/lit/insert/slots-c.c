// What clang makes of C with references, at -O0 and before the optimiser at -O2: variables and
// structures by value are registers, memory whose address is passed on are slots, and no copy over
// references is left.
// RUN: %clang -O0 -S -emit-llvm %s -o %t.0.ll
// RUN: %opt -passes=cairn-slots,verify -S %t.0.ll | FileCheck %s
// RUN: %clang -O2 -Xclang -disable-llvm-passes -S -emit-llvm %s -o %t.2.ll
// RUN: %opt -passes=cairn-slots,verify -S %t.2.ll | FileCheck %s
// RUN: %opt -passes=cairn-copies,sroa,instcombine,simplifycfg,cairn-slots,verify -S %t.2.ll | FileCheck %s

typedef struct node __attribute__((address_space(77))) *node;
struct node { node left, right; long key; };
struct two { node a, b; };
struct three { node a, b; long n; node c; };

node make(void);
void use(node);
void fill(struct two *);

// CHECK-LABEL: define {{.*}}@registers(
// CHECK-NOT: alloca ptr addrspace(77)
// CHECK-NOT: alloca %struct
// CHECK: phi ptr addrspace(77)
// CHECK-NOT: alloca
// CHECK: ret void
void registers(int c) {
  node n = make();
  if (c) n = n->left;
  struct two t = {n, make()};
  struct two u = t;
  use(u.b);
  use(u.a);
}

// CHECK-LABEL: define {{.*}}@slots(
// CHECK: alloca %struct.two
// CHECK: store ptr addrspace(77) null, {{.*}}, !cairn.initialises
// CHECK: store ptr addrspace(77) null, {{.*}}, !cairn.initialises
// CHECK-NOT: call void @llvm.mem
// CHECK: call void @fill(
// CHECK: store ptr addrspace(77) null, ptr %{{[a-z0-9]+}}, align 8{{$}}
// CHECK: ret ptr addrspace(77)
node slots(void) {
  struct two t = {0};
  fill(&t);
  return t.a;
}

// CHECK-LABEL: define {{.*}}@by_value(
// CHECK: store ptr addrspace(77) {{.*}}, ptr {{.*}}, align 8
// CHECK: ret void
struct three by_value(struct three t) {
  t.a = t.c;
  return t;
}

// CHECK-LABEL: define {{.*}}@pair(
// CHECK: insertvalue { ptr addrspace(77), ptr addrspace(77) } poison, ptr addrspace(77)
// CHECK: ret { ptr addrspace(77), ptr addrspace(77) }
struct two pair(struct two t) {
  node old = t.a;
  t.a = t.b;
  t.b = old;
  return t;
}

// CHECK-LABEL: define {{.*}}@assign(
// CHECK: call void @cairn.ref.copy.fields(ptr addrspace(77) %{{.*}}, ptr addrspace(77) %{{.*}}, ptr %{{.*}}, i64 24)
void assign(node to, node from) { *to = *from; }

static struct two global[10];
// CHECK-LABEL: define {{.*}}@rows(
// CHECK: load ptr addrspace(77)
// CHECK: load ptr addrspace(77)
// CHECK: store ptr addrspace(77)
// CHECK: store ptr addrspace(77)
// CHECK-NOT: call void @llvm.mem
// CHECK: ret void
void rows(long i, long j) { global[i] = global[j]; }

// The address of the link that leads on, as C walks a list.
// CHECK-LABEL: define {{.*}}@append(
// CHECK: [[BASE:%.*]] = phi ptr addrspace(77)
// CHECK-NEXT: getelementptr {{.*}}i8, ptr addrspace(77) [[BASE]], i64 8
// CHECK: ret void
void append(node list, node new) {
  node __attribute__((address_space(77))) *at = &list->right;
  while (*at) at = &(*at)->right;
  *at = new;
}

// NEGATIVE: other variables stay as clang wrote them.
// CHECK-LABEL: define {{.*}}@other(
// CHECK: ret i64
long other(long a) { return a; }

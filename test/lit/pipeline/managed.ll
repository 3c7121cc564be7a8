; cairn-managed inserts counts after it has brought functions with references into the shape in
; which counts are few. At -O0 it only inserts. It runs by itself at every level, and twice is as
; once.
;
; RUN: %opt -passes='cairn-import,cairn-managed<O2>,verify' -S %s | FileCheck %s --check-prefixes=CHECK,O2
; RUN: %opt -passes='cairn-import,cairn-managed<O0>,verify' -S %s | FileCheck %s --check-prefixes=CHECK,O0
; RUN: %opt -passes='cairn-import,cairn-managed<O2>' -S < %s > %t.once.ll
; RUN: %opt -passes='cairn-managed<O2>' -S < %t.once.ll | diff %t.once.ll -
; RUN: %opt -passes='default<O0>' -S %s | FileCheck %s --check-prefix=LOWERED
; RUN: %opt -passes='default<O2>' -S %s | FileCheck %s --check-prefix=LOWERED

; LOWERED-NOT: addrspace(77)
; LOWERED-NOT: @cairn.
; LOWERED: define {{.*}}ptr @caller(
; LOWERED-NOT: addrspace(77)
; LOWERED-NOT: @cairn.

; The helper is inlined, and the φ that its result is has one count.
; CHECK-LABEL: define ptr addrspace(77) @caller(
; O2-NOT: call {{.*}}@helper(
; O2: call void @cairn.ref.incref(
; O2-NOT: call void @cairn.ref.incref(
; O2: ret ptr addrspace(77)
; O0: call {{.*}}@helper(
define ptr addrspace(77) @caller(ptr addrspace(77) %a, ptr addrspace(77) %b, i1 %c) {
  %slot = alloca ptr addrspace(77)
  %r = call ptr addrspace(77) @helper(ptr addrspace(77) %a, ptr addrspace(77) %b, i1 %c)
  store ptr addrspace(77) %r, ptr %slot
  %s = load ptr addrspace(77), ptr %slot
  ret ptr addrspace(77) %s
}

define internal ptr addrspace(77) @helper(ptr addrspace(77) %a, ptr addrspace(77) %b, i1 %c) {
  br i1 %c, label %one, label %two
one:
  br label %out
two:
  br label %out
out:
  %p = phi ptr addrspace(77) [ %a, %one ], [ %b, %two ]
  ret ptr addrspace(77) %p
}

; What was said of code without counts is not so with them: of functions with references, of
; calls, and of what calls such functions.
; CHECK-LABEL: define ptr addrspace(77) @says(ptr addrspace(77) nonnull %p)
; CHECK-SAME: #[[PLAIN:[0-9]+]]
define noalias ptr addrspace(77) @says(ptr addrspace(77) nonnull returned dereferenceable(8) nofree readonly nocapture %p) nounwind memory(none) nofree nosync willreturn speculatable {
  ret ptr addrspace(77) %p
}
; CHECK: declare ptr addrspace(77) @outside(ptr addrspace(77)) #[[PLAIN2:[0-9]+]]
declare ptr addrspace(77) @outside(ptr addrspace(77) readonly) nounwind memory(read) nofree
; CHECK-LABEL: define void @calls(
; CHECK-SAME: #[[PLAIN]]
; CHECK: call ptr addrspace(77) @outside(ptr addrspace(77) null){{$}}
define void @calls() nounwind memory(none) nofree nosync {
  %p = call ptr addrspace(77) @outside(ptr addrspace(77) readonly null) memory(none)
  ret void
}

; A function without references stays as it is, and is not optimised.
; CHECK-LABEL: define i32 @other(
; CHECK-SAME: #[[OTHER:[0-9]+]]
; CHECK-NEXT: alloca i32
define i32 @other() memory(none) nofree {
  %x = alloca i32
  store i32 1, ptr %x
  %y = load i32, ptr %x
  ret i32 %y
}

; CHECK: attributes #[[PLAIN]] = { nounwind "cairn-counts-inserted" }
; CHECK: attributes #[[PLAIN2]] = { nounwind }
; CHECK: attributes #[[OTHER]] = { nofree memory(none){{.*}} }
; CHECK-DAG: !"cairn-reference-space", i32 77}
; CHECK-DAG: !"cairn-counts-inserted", i32 1}

; What is inlined before counts are there: what LLVM's inliner would take. A helper that nobody
; else calls is gone with its call, and so is one that only it called. `noinline` and functions
; that call each other do what they do in LLVM; a function without references is no place to inline
; into.
;
; RUN: %opt -passes='cairn-import,cairn-managed<O2>,verify' -S %s | FileCheck %s
; RUN: %opt -passes='cairn-import,cairn-managed<O2>' -pass-remarks=inline -disable-output %s 2>&1 | FileCheck %s --check-prefix=REMARK

; REMARK: 'helper' inlined into 'caller'

; CHECK-NOT: @helper(
; CHECK-NOT: @inner(
; CHECK-LABEL: define ptr addrspace(77) @caller(
; CHECK: call {{.*}}@kept(
; CHECK-NOT: @helper(
; CHECK-NOT: @inner(
define ptr addrspace(77) @caller(ptr addrspace(77) %r) {
  %a = call ptr addrspace(77) @helper(ptr addrspace(77) %r)
  %b = call ptr addrspace(77) @kept(ptr addrspace(77) %a)
  ret ptr addrspace(77) %b
}

define internal ptr addrspace(77) @helper(ptr addrspace(77) %r) {
  %a = call ptr addrspace(77) @inner(ptr addrspace(77) %r)
  ret ptr addrspace(77) %a
}

define internal ptr addrspace(77) @inner(ptr addrspace(77) %r) {
  %f = getelementptr i8, ptr addrspace(77) %r, i64 8
  %a = load ptr addrspace(77), ptr addrspace(77) %f
  ret ptr addrspace(77) %a
}

define ptr addrspace(77) @kept(ptr addrspace(77) %r) noinline {
  %f = getelementptr i8, ptr addrspace(77) %r, i64 8
  %a = load ptr addrspace(77), ptr addrspace(77) %f
  ret ptr addrspace(77) %a
}

; CHECK-LABEL: define i1 @even(
; CHECK-LABEL: define i1 @odd(
define i1 @even(ptr addrspace(77) %r) {
  %f = getelementptr i8, ptr addrspace(77) %r, i64 8
  %n = load ptr addrspace(77), ptr addrspace(77) %f
  %end = icmp eq ptr addrspace(77) %n, null
  br i1 %end, label %yes, label %more
yes:
  ret i1 true
more:
  %o = call i1 @odd(ptr addrspace(77) %n)
  ret i1 %o
}

define i1 @odd(ptr addrspace(77) %r) {
  %f = getelementptr i8, ptr addrspace(77) %r, i64 8
  %n = load ptr addrspace(77), ptr addrspace(77) %f
  %end = icmp eq ptr addrspace(77) %n, null
  br i1 %end, label %no, label %more
no:
  ret i1 false
more:
  %e = call i1 @even(ptr addrspace(77) %n)
  ret i1 %e
}

; CHECK-LABEL: define i32 @without(
; CHECK: call i32 @number(
define i32 @without() {
  %n = call i32 @number()
  ret i32 %n
}

define i32 @number() {
  ret i32 1
}

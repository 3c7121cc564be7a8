; A retain that would stand directly before the release of the object that holds the reference goes there, where
; cairn-specialise does without it.
; RUN: %opt -passes=cairn-sink-retains,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-sink-retains,cairn-certify -disable-output %s
; RUN: %opt -passes=cairn-sink-retains,cairn-specialise,cairn-certify -S %s | FileCheck %s --check-prefix=BOTH

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@first = internal constant [1 x i32] [i32 0]
@both = internal constant [2 x i32] [i32 0, i32 8]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }
@tree = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))

; The module makes trees.
define ptr addrspace(77) @tree_of(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %x, ptr addrspace(77) %new
  %at = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %y, ptr addrspace(77) %at
  ret ptr addrspace(77) %new
}

; CHECK-LABEL: @choose(
; CHECK: %left = load
; CHECK-NOT: incref
; CHECK: br i1
; CHECK: first:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %x)
; CHECK: second:
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %right)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %x)
; BOTH-LABEL: @choose(
; BOTH: first:
; BOTH-NEXT: call i1 @cairn.ref.is.last(
; BOTH: second:
; BOTH: call i1 @cairn.ref.is.last(
define ptr addrspace(77) @choose(ptr addrspace(77) "cairn-owned" %x, i1 %c) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  br i1 %c, label %first, label %second
first:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
second:
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.incref(ptr addrspace(77) %right)
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %right
}

; Negative: in its own block cairn-specialise sees it anyway.
; CHECK-LABEL: @near(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: load i64
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %x)
define ptr addrspace(77) @near(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  %n = load i64, ptr addrspace(77) %left
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

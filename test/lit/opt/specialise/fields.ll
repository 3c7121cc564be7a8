; Each field that the function goes on with moves to it. The others are released, once each; a second retain of
; one field stays.
; RUN: %opt -passes=cairn-specialise,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-specialise,cairn-certify -disable-output %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@first = internal constant [1 x i32] [i32 0]
@both = internal constant [2 x i32] [i32 0, i32 8]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }
@tree = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; The module makes trees.
define ptr addrspace(77) @tree_of(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %x, ptr addrspace(77) %new
  %at = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %y, ptr addrspace(77) %at
  ret ptr addrspace(77) %new
}

; CHECK-LABEL: @left(
; CHECK: call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
; CHECK: [[AT:%.*]] = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
; CHECK-NEXT: [[RIGHT:%.*]] = load ptr addrspace(77), ptr addrspace(77) [[AT]]
; CHECK-NEXT: call ptr addrspace(77) @cairn.ref.take.cell(
; CHECK-NEXT: call void @cairn.ref.free.cell(
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) [[RIGHT]])
; CHECK-NEXT: br
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %x)
define ptr addrspace(77) @left(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %unused = load ptr addrspace(77), ptr addrspace(77) %at
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

; CHECK-LABEL: @swap(
; CHECK: take.cell
; CHECK-NOT: call void @cairn.ref.decref
; CHECK: br
; CHECK-DAG: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-DAG: call void @cairn.ref.incref(ptr addrspace(77) %right)
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %x)
define ptr addrspace(77) @swap(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.incref(ptr addrspace(77) %right)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %new = call ptr addrspace(77) @tree_of(ptr addrspace(77) %right, ptr addrspace(77) %left)
  ret ptr addrspace(77) %new
}

; CHECK-LABEL: @twice(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK: call i1 @cairn.ref.is.last(
; CHECK: take.cell
; CHECK: br
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %x)
define ptr addrspace(77) @twice(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %new = call ptr addrspace(77) @tree_of(ptr addrspace(77) %left, ptr addrspace(77) %left)
  ret ptr addrspace(77) %new
}

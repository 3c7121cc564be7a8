; The result of a function that returns only new objects of the heap that is meant is taken over without a test; that of
; one whose objects lie on another heap, or on one of two, is not.
; RUN: %opt -passes='cairn-import,cairn-managed<O2>' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal constant %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
@my_heap = external global i8
@other_heap = external global i8
declare ptr addrspace(77) @cairn.ref.heap.alloc(ptr, ptr)

define internal ptr addrspace(77) @make(i64 %k) noinline {
  %new = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr @my_heap, ptr @tree)
  %at = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %at
  ret ptr addrspace(77) %new
}
define internal ptr addrspace(77) @either(i64 %k) noinline {
  %is = icmp eq i64 %k, 0
  br i1 %is, label %one, label %two
one:
  %new = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr @my_heap, ptr @tree)
  %at = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 1, ptr addrspace(77) %at
  ret ptr addrspace(77) %new
two:
  %more = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr @other_heap, ptr @tree)
  %more.at = getelementptr inbounds i8, ptr addrspace(77) %more, i64 16
  store i64 %k, ptr addrspace(77) %more.at
  ret ptr addrspace(77) %more
}

; CHECK-LABEL: @fresh(
; CHECK: call ptr addrspace(77) @cairn.ref.take.cell(
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(
define ptr addrspace(77) @fresh(i64 %n) {
  %x = call ptr addrspace(77) @make(i64 %n)
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr @my_heap, ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; Negative: another heap.
; CHECK-LABEL: @other(
; CHECK: cell.on(
; CHECK-SAME: @other_heap
define ptr addrspace(77) @other(i64 %n) {
  %x = call ptr addrspace(77) @make(i64 %n)
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr @other_heap, ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; Negative: one of two heaps.
; CHECK-LABEL: @mixed(
; CHECK: cell.on(
; CHECK-SAME: @my_heap
define ptr addrspace(77) @mixed(i64 %n) {
  %x = call ptr addrspace(77) @either(i64 %n)
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr @my_heap, ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; Where an owned object is only read any more, and another of its class is made, the object becomes a cell: all its
; fields are loaded there, and the new object takes its memory.
; RUN: %opt -passes=cairn-cells,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.set.tag(ptr addrspace(77), i8)
declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare void @unknown()

; CHECK-LABEL: @copy(
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2097151997)
; CHECK: load ptr addrspace(77), ptr addrspace(77) [[CELL]]
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) [[CELL]], i32 -2097151997, i32 -2097151997, i32 0, i1 false)
; CHECK-NOT: cairn.ref.alloc
; CHECK: ret
define ptr addrspace(77) @copy(ptr addrspace(77) "cairn-owned" %x) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: the caller keeps it, and may be anyone.
; CHECK-LABEL: @borrowed(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(
define ptr addrspace(77) @borrowed(ptr addrspace(77) %x) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: it is used as an object behind the allocation.
; CHECK-LABEL: @kept(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(
define ptr addrspace(77) @kept(ptr addrspace(77) "cairn-owned" %x) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %x, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) null, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: nobody knows that it is no null.
; CHECK-LABEL: @maybe(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(
define ptr addrspace(77) @maybe(ptr addrspace(77) "cairn-owned" %x) {
  call void @unknown()
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  call void @unknown()
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

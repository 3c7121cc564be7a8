; The fields of a new object are null. In a cell they are set to null, but those that the program stores before anybody
; can look.
; RUN: %opt -passes=cairn-cells,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.set.tag(ptr addrspace(77), i8)
declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare void @unknown()

; CHECK-LABEL: @stored(
; CHECK: cairn.ref.reuse.cell
; CHECK-NOT: store ptr addrspace(77) null
; CHECK: ret
define ptr addrspace(77) @stored(ptr addrspace(77) "cairn-owned" %x) {
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

; Negative: a field is read before.
; CHECK-LABEL: @read(
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell
; CHECK: store ptr addrspace(77) null, ptr addrspace(77) %{{[0-9]+}}
; CHECK: load ptr addrspace(77), ptr addrspace(77) %new
define ptr addrspace(77) @read(ptr addrspace(77) "cairn-owned" %x, i64 %i) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %first = load ptr addrspace(77), ptr addrspace(77) %new
  store ptr addrspace(77) %first, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: something is stored at a place that is not known.
; CHECK-LABEL: @somewhere(
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell
; CHECK: store ptr addrspace(77) null, ptr addrspace(77) %{{[0-9]+}}
; CHECK: store i64 7
define ptr addrspace(77) @somewhere(ptr addrspace(77) "cairn-owned" %x, i64 %i) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %there = getelementptr i8, ptr addrspace(77) %new, i64 %i
  store i64 7, ptr addrspace(77) %there
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: a pointer into it is borrowed.
; CHECK-LABEL: @lent(
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell
; CHECK: store ptr addrspace(77) null, ptr addrspace(77) %{{[0-9]+}}
; CHECK: cairn.ref.borrow
define ptr addrspace(77) @lent(ptr addrspace(77) "cairn-owned" %x, i64 %i) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %new)
  store i64 7, ptr %p
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: unknown code runs.
; CHECK-LABEL: @seen(
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell
; CHECK: store ptr addrspace(77) null, ptr addrspace(77) %{{[0-9]+}}
; CHECK: call void @unknown
define ptr addrspace(77) @seen(ptr addrspace(77) "cairn-owned" %x, i64 %i) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  call void @unknown()
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

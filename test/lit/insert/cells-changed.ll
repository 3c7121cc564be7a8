; A cell may be a copy. What is read of it is read behind whatever another name of the object may change there, so that
; the place moves below that.
; RUN: %opt -passes=cairn-cells,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.set.tag(ptr addrspace(77), i8)
declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare void @unknown()

define void @number(ptr addrspace(77) %y) {
  %at = getelementptr inbounds i8, ptr addrspace(77) %y, i64 16
  store i64 5, ptr addrspace(77) %at
  ret void
}
define i64 @harmless(ptr addrspace(77) %y) {
  %at = getelementptr inbounds i8, ptr addrspace(77) %y, i64 16
  %k = load i64, ptr addrspace(77) %at
  ret i64 %k
}

; Negative: a function stores a number.
; CHECK-LABEL: @called(
; CHECK-NOT: own.cell
; CHECK: call void @number
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(
define ptr addrspace(77) @called(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  call void @number(ptr addrspace(77) %y)
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %k2.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k2 = load i64, ptr addrspace(77) %k2.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k2, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: a number is stored.
; CHECK-LABEL: @stored(
; CHECK-NOT: own.cell
; CHECK: store i64 9
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(
define ptr addrspace(77) @stored(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %y.at = getelementptr inbounds i8, ptr addrspace(77) %y, i64 16
  store i64 9, ptr addrspace(77) %y.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %k2.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k2 = load i64, ptr addrspace(77) %k2.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k2, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: a field is stored.
; CHECK-LABEL: @field(
; CHECK-NOT: own.cell
; CHECK: store ptr addrspace(77) null
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(
define ptr addrspace(77) @field(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  store ptr addrspace(77) null, ptr addrspace(77) %y
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %k2.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k2 = load i64, ptr addrspace(77) %k2.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k2, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: a borrowed pointer is written.
; CHECK-LABEL: @plain(
; CHECK-NOT: own.cell
; CHECK: store i64 9
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(
define ptr addrspace(77) @plain(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %p = call ptr @cairn.ref.borrow(ptr addrspace(77) %y)
  store i64 9, ptr %p
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %k2.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k2 = load i64, ptr addrspace(77) %k2.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k2, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: nobody knows what runs.
; CHECK-LABEL: @unknown_code(
; CHECK-NOT: own.cell
; CHECK: call void @unknown()
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(
define ptr addrspace(77) @unknown_code(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  call void @unknown()
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %k2.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k2 = load i64, ptr addrspace(77) %k2.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k2, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: another thread may have written.
; CHECK-LABEL: @ordered(
; CHECK-NOT: own.cell
; CHECK: fence acquire
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(
define ptr addrspace(77) @ordered(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  fence acquire
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %k2.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k2 = load i64, ptr addrspace(77) %k2.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k2, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: a volatile store.
; CHECK-LABEL: @volatiles(
; CHECK-NOT: own.cell
; CHECK: store volatile i64
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(
define ptr addrspace(77) @volatiles(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %y.at = getelementptr inbounds i8, ptr addrspace(77) %y, i64 16
  store volatile i64 9, ptr addrspace(77) %y.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %k2.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k2 = load i64, ptr addrspace(77) %k2.at
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k2, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; What only reads stays below the place.
; CHECK-LABEL: @below(
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(
; CHECK: call i64 @harmless
define ptr addrspace(77) @below(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %h = call i64 @harmless(ptr addrspace(77) %y)
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

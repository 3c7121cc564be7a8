; A function that returns only objects that it has just made returns the last reference: a cell of its result is the
; object itself, without a test.
; RUN: %opt -passes='cairn-managed<O2>' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.set.tag(ptr addrspace(77), i8)
declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare void @unknown()

@global = internal global ptr addrspace(77) null

define internal ptr addrspace(77) @make(i64 %k) noinline {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %at = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %at
  ret ptr addrspace(77) %new
}
define internal ptr addrspace(77) @known(i64 %k) noinline {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %at = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %at
  store ptr addrspace(77) %new, ptr @global
  ret ptr addrspace(77) %new
}

; CHECK-LABEL: @fresh(
; CHECK: call ptr addrspace(77) @cairn.ref.take.cell(
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(
define ptr addrspace(77) @fresh(i64 %n) {
  %x = call ptr addrspace(77) @make(i64 %n)
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  call void @unknown()
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

; Negative: a global variable has it too.
; CHECK-LABEL: @seen(
; CHECK: call ptr addrspace(77) @cairn.ref.own{{(.tagged)?}}.cell(
define ptr addrspace(77) @seen(i64 %n) {
  %x = call ptr addrspace(77) @known(i64 %n)
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  call void @unknown()
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

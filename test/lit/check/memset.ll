; LLVM makes one memset of stores of null, and of a short memset the store of a number.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %a = load ptr addrspace(77), ptr addrspace(77) %p
  %b = load ptr addrspace(77), ptr addrspace(77) %f
  call void @llvm.memset.p77.i64(ptr addrspace(77) %p, i8 0, i64 16, i1 false)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

; Negative: one of them is lost.
; CHECK: half: lost unit: a unit of %b is lost
define void @half(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %a = load ptr addrspace(77), ptr addrspace(77) %p
  %b = load ptr addrspace(77), ptr addrspace(77) %f
  call void @llvm.memset.p77.i64(ptr addrspace(77) %p, i8 0, i64 16, i1 false)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

define void @good_number(ptr addrspace(77) %p) {
  %a = load ptr addrspace(77), ptr addrspace(77) %p
  store i64 0, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Negative: half of the reference stays.
; CHECK: half_number: no unit: %a is released
define void @half_number(ptr addrspace(77) %p) {
  %a = load ptr addrspace(77), ptr addrspace(77) %p
  store i32 0, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

declare void @llvm.memset.p77.i64(ptr addrspace(77), i8, i64, i1)

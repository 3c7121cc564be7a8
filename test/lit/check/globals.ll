; A global is a slot that the whole program shares: what is in it is known between a load and the
; next thing that may write to it.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @borrow(ptr addrspace(77))

@g = internal global ptr addrspace(77) null
@h = internal global ptr addrspace(77) null

define void @good(ptr addrspace(77) %x) {
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  %old = load ptr addrspace(77), ptr @g
  store ptr addrspace(77) %x, ptr @g
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

define ptr addrspace(77) @good_get() {
  %x = load ptr addrspace(77), ptr @g
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %x
}

; A store to another global writes nothing here.
define void @good_two(ptr addrspace(77) "cairn-owned" %x) {
  %a = load ptr addrspace(77), ptr @g
  %b = load ptr addrspace(77), ptr @h
  store ptr addrspace(77) %x, ptr @h
  store ptr addrspace(77) null, ptr @g
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

; Negative: released before what may write to it, and used after it.
; CHECK: borrowed: used after its unit went: nothing keeps %x alive here
define void @borrowed(ptr addrspace(77) %y) {
  %x = load ptr addrspace(77), ptr @g
  call void @borrow(ptr addrspace(77) %y)
  call void @borrow(ptr addrspace(77) %x)
  ret void
}

; Negative: a fence lets another thread's stores in.
; CHECK-NEXT: fenced: old value lost
define void @fenced() {
  %old = load ptr addrspace(77), ptr @g
  fence seq_cst
  store ptr addrspace(77) null, ptr @g
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

; Negative.
; CHECK-NEXT: blind: old value lost
define void @blind() {
  store ptr addrspace(77) null, ptr @g
  ret void
}

; LLVM removes a store to memory that only this function can read, if another follows: a reference is
; then released while the memory still holds it. Nobody may look at it before the next store.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @borrow(ptr addrspace(77))

declare noalias ptr addrspace(77) @fresh()

define ptr addrspace(77) @good(ptr addrspace(77) "cairn-owned" %new) {
  %p = call noalias ptr addrspace(77) @fresh()
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  store ptr addrspace(77) null, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret ptr addrspace(77) %p
}

define void @good_result(ptr noalias sret(ptr addrspace(77)) %to, ptr addrspace(77) "cairn-owned" %new) {
  %old = load ptr addrspace(77), ptr %to
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  store ptr addrspace(77) %new, ptr %to
  ret void
}

; Negative: released with it.
; CHECK: gone: used after its unit went: %p still holds %old, which was released
define void @gone() {
  %p = call noalias ptr addrspace(77) @fresh()
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: seen by a callee.
; CHECK-NEXT: seen: used after its unit went: %p still holds %old, which was released
define void @seen() {
  %p = call noalias ptr addrspace(77) @fresh()
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @borrow(ptr addrspace(77) %p)
  store ptr addrspace(77) null, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: seen by the caller.
; CHECK-NEXT: result: used after its unit went: %to still holds %old, which was released
define void @result(ptr noalias sret(ptr addrspace(77)) %to) {
  %old = load ptr addrspace(77), ptr %to
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

; Negative: others can read the object of a parameter.
; CHECK-NEXT: shared: no unit: %old is released
define void @shared(ptr addrspace(77) %p, ptr addrspace(77) "cairn-owned" %new) {
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  store ptr addrspace(77) %new, ptr addrspace(77) %p
  ret void
}

; What is moved out of a variable by a return, a call or a store: the null that is stored over it there, and that nobody
; reads, is removed.
declare void @take(ptr addrspace(77) "cairn-owned")

define ptr addrspace(77) @good_returned(ptr addrspace(77) "cairn-owned" %p) {
  %slot = alloca ptr addrspace(77)
  store ptr addrspace(77) %p, ptr %slot
  ret ptr addrspace(77) %p
}

define void @good_passed(ptr addrspace(77) "cairn-owned" %p) {
  %slot = alloca ptr addrspace(77)
  store ptr addrspace(77) %p, ptr %slot
  call void @take(ptr addrspace(77) "cairn-owned" %p)
  ret void
}

; CHECK: returned_twice: released twice: %p is returned
define ptr addrspace(77) @returned_twice(ptr addrspace(77) "cairn-owned" %p) {
  %slot = alloca ptr addrspace(77)
  store ptr addrspace(77) %p, ptr %slot
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret ptr addrspace(77) %p
}

; Others may read it.
; CHECK: global_slot: no unit: %p is returned
define ptr addrspace(77) @global_slot() {
  %p = load ptr addrspace(77), ptr @moved
  ret ptr addrspace(77) %p
}
@moved = global ptr addrspace(77) null

; The life of a variable that was inlined ends before the frame.
define void @good_life_ends(ptr addrspace(77) "cairn-owned" %p) {
  %slot = alloca ptr addrspace(77)
  call void @llvm.lifetime.start.p0(i64 8, ptr %slot)
  store ptr addrspace(77) %p, ptr %slot
  %old = load ptr addrspace(77), ptr %slot
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @llvm.lifetime.end.p0(i64 8, ptr %slot)
  ret void
}

; CHECK: life_ends_full: slot not empty: the slot %slot still holds %p where its life ends
define void @life_ends_full(ptr addrspace(77) "cairn-owned" %p) {
  %slot = alloca ptr addrspace(77)
  call void @llvm.lifetime.start.p0(i64 8, ptr %slot)
  store ptr addrspace(77) %p, ptr %slot
  call void @llvm.lifetime.end.p0(i64 8, ptr %slot)
  ret void
}
declare void @llvm.lifetime.start.p0(i64, ptr)
declare void @llvm.lifetime.end.p0(i64, ptr)

; What was passed by value is the caller's: the unit that goes is that of the copy.
%one = type { ptr addrspace(77) }
define void @good_copy(ptr byval(%one) %p) {
  %copy = alloca %one
  %r = load ptr addrspace(77), ptr %p
  call void @cairn.ref.incref(ptr addrspace(77) %r)
  store ptr addrspace(77) %r, ptr %copy
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  ret void
}

; CHECK: by_value: no unit: %r is released
define void @by_value(ptr byval(%one) %p) {
  %r = load ptr addrspace(77), ptr %p
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  ret void
}
declare void @cairn.ref.incref(ptr addrspace(77))

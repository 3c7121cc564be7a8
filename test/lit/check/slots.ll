; A slot on the stack is written before it is read, and empty when its frame ends.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @borrow(ptr addrspace(77))

declare void @fill(ptr)

define void @good(ptr addrspace(77) %x) {
  %s = alloca ptr addrspace(77)
  store ptr addrspace(77) null, ptr %s
  call void @fill(ptr %s)
  %old = load ptr addrspace(77), ptr %s
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  store ptr addrspace(77) %x, ptr %s
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @fill(ptr %s)
  %last = load ptr addrspace(77), ptr %s
  store ptr addrspace(77) null, ptr %s
  call void @cairn.ref.decref(ptr addrspace(77) %last)
  ret void
}

; LLVM removes the last store of null if nobody else can read the slot.
define void @good_removed(ptr addrspace(77) %x) {
  %s = alloca ptr addrspace(77)
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  store ptr addrspace(77) %x, ptr %s
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

define void @good_two(ptr %out) {
  %s = alloca { ptr addrspace(77), i64, ptr addrspace(77) }
  call void @llvm.memset.p0.i64(ptr %s, i8 0, i64 24, i1 false)
  call void @fill(ptr %s)
  %f = getelementptr i8, ptr %s, i64 16
  %a = load ptr addrspace(77), ptr %s
  store ptr addrspace(77) null, ptr %s
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  %b = load ptr addrspace(77), ptr %f
  store ptr addrspace(77) null, ptr %f
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

; Negative: never emptied.
; CHECK: full: slot not empty: the slot %s still holds %x where the function ends
define void @full(ptr addrspace(77) %x) {
  %s = alloca ptr addrspace(77)
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  store ptr addrspace(77) %x, ptr %s
  call void @fill(ptr %s)
  %y = load ptr addrspace(77), ptr %s
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  store ptr addrspace(77) %x, ptr %s
  call void @cairn.ref.decref(ptr addrspace(77) %y)
  ret void
}

; Negative: released while the frame goes on and the slot may be read.
; CHECK-NEXT: stale: {{.*}}nothing keeps %{{x|y}} alive
define void @stale(ptr addrspace(77) "cairn-owned" %x) {
  %s = alloca ptr addrspace(77)
  store ptr addrspace(77) %x, ptr %s
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %y = load ptr addrspace(77), ptr %s
  call void @borrow(ptr addrspace(77) %y)
  ret void
}

; Negative: read before it was written.
; CHECK-NEXT: unset: used after its unit went: nothing keeps %y alive here
define void @unset() {
  %s = alloca ptr addrspace(77)
  %y = load ptr addrspace(77), ptr %s
  call void @borrow(ptr addrspace(77) %y)
  ret void
}

; Negative: the callee may have put something into it.
; CHECK-NEXT: refilled: old value lost
define void @refilled() {
  %s = alloca ptr addrspace(77)
  store ptr addrspace(77) null, ptr %s
  call void @fill(ptr %s)
  store ptr addrspace(77) null, ptr %s
  ret void
}

declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

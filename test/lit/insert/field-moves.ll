; A reference that is loaded from memory, and whose place is then stored over, takes the memory's
; count over: the load retains nothing, and the store releases nothing. Without that, each function
; here would have one incref and one decref more.
; RUN: %opt -passes='cairn-insert<O2>,verify,cairn-certify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%node = type { ptr addrspace(77), ptr addrspace(77), i64 }
@first = internal global ptr addrspace(77) null
@second = internal global ptr addrspace(77) null
declare void @use(ptr addrspace(77))
declare void @unknown()
declare i1 @cairn.ref.is.unique(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr @cairn.ref.borrow(ptr addrspace(77))

; The rest of a list is cut off.
; CHECK-LABEL: @cut(
; CHECK-NEXT: %rest = load ptr addrspace(77), ptr addrspace(77) %p
; CHECK-NEXT: store ptr addrspace(77) null, ptr addrspace(77) %p
; CHECK-NEXT: ret ptr addrspace(77) %rest
define ptr addrspace(77) @cut(ptr addrspace(77) %p) {
  %rest = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) null, ptr addrspace(77) %p
  ret ptr addrspace(77) %rest
}

; Another reference takes its place, and what was there is only used and released. The use is
; behind the store.
; CHECK-LABEL: @replaced(
; CHECK-NEXT: %old = load ptr addrspace(77), ptr addrspace(77) %p
; CHECK-NEXT: call void @cairn.ref.share.into(ptr addrspace(77) %p, ptr addrspace(77) %q)
; CHECK-NEXT: store ptr addrspace(77) %q, ptr addrspace(77) %p
; CHECK-NEXT: call void @use(ptr addrspace(77) %old)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
; CHECK-NEXT: ret void
define void @replaced(ptr addrspace(77) "cairn-borrowed" %p, ptr addrspace(77) "cairn-owned" %q) {
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) %q, ptr addrspace(77) %p
  call void @use(ptr addrspace(77) %old)
  ret void
}

; The count is taken over before the place is stored over: null is stored first. What the other
; store overwrites is released when both are done, so that a finaliser finds no null.
; CHECK-LABEL: @linked(
; CHECK:      %c = load ptr addrspace(77), ptr addrspace(77) %a
; CHECK-NEXT: store ptr addrspace(77) null, ptr addrspace(77) %a
; CHECK-NEXT: %old = load ptr addrspace(77), ptr addrspace(77) %next
; CHECK-NEXT: call void @cairn.ref.share.into(ptr addrspace(77) %b, ptr addrspace(77) %c)
; CHECK-NEXT: store ptr addrspace(77) %c, ptr addrspace(77) %next
; CHECK-NEXT: call void @cairn.ref.share.into(ptr addrspace(77) %a, ptr addrspace(77) %b)
; CHECK-NEXT: store ptr addrspace(77) %b, ptr addrspace(77) %a
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
; CHECK-NEXT: ret ptr addrspace(77) %a
define ptr addrspace(77) @linked(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
  %next = getelementptr %node, ptr addrspace(77) %b, i32 0, i32 1
  %c = load ptr addrspace(77), ptr addrspace(77) %a
  store ptr addrspace(77) %c, ptr addrspace(77) %next
  store ptr addrspace(77) %b, ptr addrspace(77) %a
  ret ptr addrspace(77) %a
}

; Two globals change places.
; CHECK-LABEL: @exchanged(
; CHECK-NEXT: %a = load ptr addrspace(77), ptr @first
; CHECK-NEXT: %b = load ptr addrspace(77), ptr @second
; CHECK-NEXT: store ptr addrspace(77) null, ptr @second
; CHECK-NEXT: store ptr addrspace(77) %b, ptr @first
; CHECK-NEXT: store ptr addrspace(77) %a, ptr @second
; CHECK-NEXT: ret void
define void @exchanged() {
  %a = load ptr addrspace(77), ptr @first
  %b = load ptr addrspace(77), ptr @second
  store ptr addrspace(77) %b, ptr @first
  store ptr addrspace(77) %a, ptr @second
  ret void
}

; And two fields of one object.
; CHECK-LABEL: @mirrored(
; CHECK-NOT: cairn.ref.incref
; CHECK-NOT: cairn.ref.decref
; CHECK: ret void
define void @mirrored(ptr addrspace(77) %p) {
  %at = getelementptr %node, ptr addrspace(77) %p, i32 0, i32 1
  %a = load ptr addrspace(77), ptr addrspace(77) %p
  %b = load ptr addrspace(77), ptr addrspace(77) %at
  store ptr addrspace(77) %b, ptr addrspace(77) %p
  store ptr addrspace(77) %a, ptr addrspace(77) %at
  ret void
}

; A field is stored to itself.
; CHECK-LABEL: @itself(
; CHECK-NOT: cairn.ref.incref
; CHECK-NOT: cairn.ref.decref
; CHECK: ret void
define void @itself(ptr addrspace(77) %p) {
  %a = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) %a, ptr addrspace(77) %p
  ret void
}

; Two take the count: one of them gets it, and the other one of its own.
; CHECK-LABEL: @twice(
; CHECK:      store ptr addrspace(77) null, ptr addrspace(77) %p
; CHECK-NEXT: %g = load ptr addrspace(77), ptr @first
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %a)
; CHECK-NEXT: store ptr addrspace(77) %a, ptr @first
; CHECK-NOT: cairn.ref.incref
; CHECK: ret ptr addrspace(77) %a
define ptr addrspace(77) @twice(ptr addrspace(77) %p) {
  %a = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) null, ptr addrspace(77) %p
  %g = load ptr addrspace(77), ptr @first
  store ptr addrspace(77) %a, ptr @first
  call void @use(ptr addrspace(77) %g)
  ret ptr addrspace(77) %a
}

; Negative: both objects may be one, and the field in between that of the load.
; CHECK-LABEL: @perhaps.same(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %c)
; CHECK: %[[OLD:.*]] = load ptr addrspace(77), ptr addrspace(77) %a
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %[[OLD]])
; CHECK: ret void
define void @perhaps.same(ptr addrspace(77) %a, ptr addrspace(77) "cairn-owned" %b) {
  %c = load ptr addrspace(77), ptr addrspace(77) %a
  store ptr addrspace(77) %c, ptr addrspace(77) %b
  store ptr addrspace(77) %b, ptr addrspace(77) %a
  ret void
}

; Negative: a parameter that the caller lends may point into an object, so that its field may be
; any of the other's.
; CHECK-LABEL: @perhaps.within(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %c)
; CHECK: ret void
define void @perhaps.within(ptr addrspace(77) %a, ptr addrspace(77) %b, ptr addrspace(77) "cairn-owned" %n) {
  %next = getelementptr %node, ptr addrspace(77) %b, i32 0, i32 1
  %c = load ptr addrspace(77), ptr addrspace(77) %a
  store ptr addrspace(77) %c, ptr addrspace(77) %next
  store ptr addrspace(77) %n, ptr addrspace(77) %a
  ret void
}

; Negative: a call in between may read the field, or release what is in it.
; CHECK-LABEL: @called(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %c)
; CHECK: call void @unknown()
; CHECK: call void @cairn.ref.decref(
; CHECK: ret ptr addrspace(77) %c
define ptr addrspace(77) @called(ptr addrspace(77) %p) {
  %c = load ptr addrspace(77), ptr addrspace(77) %p
  call void @unknown()
  store ptr addrspace(77) null, ptr addrspace(77) %p
  ret ptr addrspace(77) %c
}

; Negative: a question in between would see one count less.
; CHECK-LABEL: @asked(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %c)
; CHECK: call i1 @cairn.ref.is.unique(ptr addrspace(77) %c)
define i1 @asked(ptr addrspace(77) %p, ptr addrspace(77) "cairn-owned" %n) {
  %c = load ptr addrspace(77), ptr addrspace(77) %p
  %u = call i1 @cairn.ref.is.unique(ptr addrspace(77) %c)
  store ptr addrspace(77) %n, ptr addrspace(77) %p
  store ptr addrspace(77) %c, ptr @first
  ret i1 %u
}

; Negative: the place is read while it would be null.
; CHECK-LABEL: @read(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %c)
; CHECK: ret i64 %word
define i64 @read(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, ptr %any) {
  %next = getelementptr %node, ptr addrspace(77) %b, i32 0, i32 1
  %c = load ptr addrspace(77), ptr addrspace(77) %a
  store ptr addrspace(77) %c, ptr addrspace(77) %next
  %word = load i64, ptr %any
  store ptr addrspace(77) %b, ptr addrspace(77) %a
  store ptr addrspace(77) %a, ptr @first
  ret i64 %word
}

; Negative: other threads may store in between.
; CHECK-LABEL: @fenced(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %c)
; CHECK: fence seq_cst
define ptr addrspace(77) @fenced(ptr addrspace(77) %p) {
  %c = load ptr addrspace(77), ptr addrspace(77) %p
  fence seq_cst
  store ptr addrspace(77) null, ptr addrspace(77) %p
  ret ptr addrspace(77) %c
}

; Negative: another field is stored over.
; CHECK-LABEL: @other(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %c)
; CHECK: ret ptr addrspace(77) %c
define ptr addrspace(77) @other(ptr addrspace(77) "cairn-owned" %p) {
  %at = getelementptr %node, ptr addrspace(77) %p, i32 0, i32 1
  %c = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) null, ptr addrspace(77) %at
  store ptr addrspace(77) %p, ptr @first
  ret ptr addrspace(77) %c
}

; Negative: the function lends its result, so it has no count to give.
; CHECK-LABEL: @lends(
; CHECK: load ptr addrspace(77), ptr addrspace(77) %p
; CHECK: call void @cairn.ref.decref(
define "cairn-borrowed" ptr addrspace(77) @lends(ptr addrspace(77) %p, ptr addrspace(77) %q) {
  %c = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) null, ptr addrspace(77) %p
  %t = load ptr addrspace(77), ptr addrspace(77) %c
  %g = load ptr addrspace(77), ptr @first
  store ptr addrspace(77) %t, ptr @first
  call void @use(ptr addrspace(77) %g)
  ret ptr addrspace(77) %q
}

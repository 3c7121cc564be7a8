; A load borrows from its field. A store moves a unit into the field, and hands back the unit of
; what was there, which has to be read before.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @borrow(ptr addrspace(77))

define void @good_replace(ptr addrspace(77) %p, ptr addrspace(77) %new) {
  call void @cairn.ref.incref(ptr addrspace(77) %new)
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) %new, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

; The old value moves on.
define ptr addrspace(77) @good_take(ptr addrspace(77) %p) {
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) null, ptr addrspace(77) %p
  ret ptr addrspace(77) %old
}

; Two fields of one object change places.
define void @good_swap(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %a = load ptr addrspace(77), ptr addrspace(77) %p
  %b = load ptr addrspace(77), ptr addrspace(77) %f
  call void @cairn.ref.incref(ptr addrspace(77) %b)
  store ptr addrspace(77) %b, ptr addrspace(77) %p
  store ptr addrspace(77) %a, ptr addrspace(77) %f
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

; Negative: what was there is not known.
; CHECK: blind: old value lost: %new is stored over a reference that was not read before
define void @blind(ptr addrspace(77) %p, ptr addrspace(77) %new) {
  call void @cairn.ref.incref(ptr addrspace(77) %new)
  store ptr addrspace(77) %new, ptr addrspace(77) %p
  ret void
}

; Negative: read, but never released.
; CHECK-NEXT: kept: lost unit: a unit of %old is lost where the function ends
define void @kept(ptr addrspace(77) %p, ptr addrspace(77) %new) {
  call void @cairn.ref.incref(ptr addrspace(77) %new)
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) %new, ptr addrspace(77) %p
  ret void
}

; Negative: the field may have been written to between.
; CHECK-NEXT: between: old value lost
define void @between(ptr addrspace(77) %p, ptr addrspace(77) %new) {
  call void @cairn.ref.incref(ptr addrspace(77) %new)
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  call void @borrow(ptr addrspace(77) %p)
  store ptr addrspace(77) %new, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

; Negative: another field's value was read.
; CHECK-NEXT: sibling: old value lost
define void @sibling(ptr addrspace(77) %p, ptr addrspace(77) %new) {
  call void @cairn.ref.incref(ptr addrspace(77) %new)
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %old = load ptr addrspace(77), ptr addrspace(77) %f
  store ptr addrspace(77) %new, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

; Negative: the stored value has no unit.
; CHECK-NEXT: unpaid: no unit: %new is stored, but this function has no unit of it: it is only borrowed
define void @unpaid(ptr addrspace(77) %p, ptr addrspace(77) %new) {
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) %new, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

; Negative: the object that holds the borrowed one is released first.
; CHECK-NEXT: holder: used after its unit went: nothing keeps %x alive here
define void @holder(ptr addrspace(77) "cairn-owned" %p) {
  %x = load ptr addrspace(77), ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @borrow(ptr addrspace(77) %x)
  ret void
}

; Negative: a call may have written to the field.
; CHECK-NEXT: call: used after its unit went: nothing keeps %x alive here
define void @call(ptr addrspace(77) %p) {
  %x = load ptr addrspace(77), ptr addrspace(77) %p
  call void @borrow(ptr addrspace(77) %p)
  call void @borrow(ptr addrspace(77) %x)
  ret void
}

; Negative: a store to the same field of an object that may be the same one.
; CHECK-NEXT: alias: used after its unit went: nothing keeps %x alive here
define void @alias(ptr addrspace(77) %p, ptr addrspace(77) %q) {
  %x = load ptr addrspace(77), ptr addrspace(77) %p
  %old = load ptr addrspace(77), ptr addrspace(77) %q
  store ptr addrspace(77) null, ptr addrspace(77) %q
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @borrow(ptr addrspace(77) %x)
  ret void
}

; Another field of it is another place.
define i64 @good_other(ptr addrspace(77) %p, ptr addrspace(77) %q) {
  %x = load ptr addrspace(77), ptr addrspace(77) %p
  %f = getelementptr i8, ptr addrspace(77) %q, i64 8
  %old = load ptr addrspace(77), ptr addrspace(77) %f
  store ptr addrspace(77) null, ptr addrspace(77) %f
  %v = load i64, ptr addrspace(77) %x
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret i64 %v
}

; An array's element, by a number that is not known.
define void @good_element(ptr addrspace(77) %p, i64 %i, ptr addrspace(77) %new) {
  call void @cairn.ref.incref(ptr addrspace(77) %new)
  %e = getelementptr ptr addrspace(77), ptr addrspace(77) %p, i64 %i
  %old = load ptr addrspace(77), ptr addrspace(77) %e
  %f = getelementptr ptr addrspace(77), ptr addrspace(77) %p, i64 %i
  store ptr addrspace(77) %new, ptr addrspace(77) %f
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

; Negative: two numbers that may differ.
; CHECK-NEXT: elements: old value lost
define void @elements(ptr addrspace(77) %p, i64 %i, i64 %j, ptr addrspace(77) %new) {
  call void @cairn.ref.incref(ptr addrspace(77) %new)
  %e = getelementptr ptr addrspace(77), ptr addrspace(77) %p, i64 %i
  %old = load ptr addrspace(77), ptr addrspace(77) %e
  %f = getelementptr ptr addrspace(77), ptr addrspace(77) %p, i64 %j
  store ptr addrspace(77) %new, ptr addrspace(77) %f
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

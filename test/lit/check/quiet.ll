; What only a field lends may be passed to a call that stores references into nothing but objects of
; its own. Another call may store over the field, and release what it lent.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@type = external global i8
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @borrow(ptr addrspace(77))

; It stores into what it makes, and releases what it owns.
define ptr addrspace(77) @cons(ptr addrspace(77) %tail) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  call void @cairn.ref.incref(ptr addrspace(77) %tail)
  store ptr addrspace(77) %tail, ptr addrspace(77) %new
  %rest = call ptr addrspace(77) @cons(ptr addrspace(77) %new)
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret ptr addrspace(77) %rest
}

define ptr addrspace(77) @good(ptr addrspace(77) %p) {
  %x = load ptr addrspace(77), ptr addrspace(77) %p
  %n = call ptr addrspace(77) @cons(ptr addrspace(77) %x)
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  %m = call ptr addrspace(77) @cons(ptr addrspace(77) %x)
  ret ptr addrspace(77) %m
}

define void @set(ptr addrspace(77) %p) {
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  store ptr addrspace(77) null, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}
define void @calls_set(ptr addrspace(77) %p) {
  call void @set(ptr addrspace(77) %p)
  ret void
}

define void @good_held(ptr addrspace(77) %p) {
  %x = load ptr addrspace(77), ptr addrspace(77) %p
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  call void @calls_set(ptr addrspace(77) %x)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative.
; CHECK: stores: used after its unit went: %x is lent by a field or slot only, which this call may write to
define void @stores(ptr addrspace(77) %p) {
  %x = load ptr addrspace(77), ptr addrspace(77) %p
  call void @calls_set(ptr addrspace(77) %x)
  ret void
}

; Negative: nothing is known of a declaration.
; CHECK-NEXT: unknown: used after its unit went: %x is lent by a field or slot only
define void @unknown(ptr addrspace(77) %p) {
  %x = load ptr addrspace(77), ptr addrspace(77) %p
  call void @borrow(ptr addrspace(77) %x)
  ret void
}

; Negative: nor of a definition that the link may replace.
; CHECK-NEXT: weak: used after its unit went: %x is lent by a field or slot only
define weak void @replaced(ptr addrspace(77) %p) {
  ret void
}
define void @weak(ptr addrspace(77) %p) {
  %x = load ptr addrspace(77), ptr addrspace(77) %p
  call void @replaced(ptr addrspace(77) %x)
  ret void
}

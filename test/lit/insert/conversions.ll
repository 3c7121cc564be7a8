; Adopt and retain give a unit, release takes one away. What is cast in from a plain pointer is borrowed:
; it is retained where it is kept.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

declare ptr addrspace(77) @cairn.ref.adopt(ptr)
declare ptr addrspace(77) @cairn.ref.retain(ptr)
declare ptr @cairn.ref.release(ptr addrspace(77))

; CHECK-LABEL: @adopted(
; CHECK-NEXT: %a = call ptr addrspace(77) @cairn.ref.adopt(ptr %p)
; CHECK-NEXT: call void @use(ptr addrspace(77) %a)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %a)
; CHECK-NEXT: ret void
define void @adopted(ptr %p) {
  %a = call ptr addrspace(77) @cairn.ref.adopt(ptr %p)
  call void @use(ptr addrspace(77) %a)
  ret void
}

; CHECK-LABEL: @retained(
; CHECK-NEXT: %a = call ptr addrspace(77) @cairn.ref.retain(ptr %p)
; CHECK-NEXT: ret ptr addrspace(77) %a
define ptr addrspace(77) @retained(ptr %p) {
  %a = call ptr addrspace(77) @cairn.ref.retain(ptr %p)
  ret ptr addrspace(77) %a
}

; CHECK-LABEL: @released(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %p = call ptr @cairn.ref.release(ptr addrspace(77) %m)
; CHECK-NEXT: ret ptr %p
define ptr @released() {
  %m = call ptr addrspace(77) @make()
  %p = call ptr @cairn.ref.release(ptr addrspace(77) %m)
  ret ptr %p
}

; CHECK-LABEL: @released.borrowed(
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %m)
; CHECK-NEXT: %p = call ptr @cairn.ref.release(ptr addrspace(77) %m)
; CHECK-NEXT: ret ptr %p
define ptr @released.borrowed(ptr addrspace(77) %m) {
  %p = call ptr @cairn.ref.release(ptr addrspace(77) %m)
  ret ptr %p
}

; CHECK-LABEL: @cast.in(
; CHECK-NEXT: %r = addrspacecast ptr %p to ptr addrspace(77)
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %r)
; CHECK-NEXT: ret ptr addrspace(77) %r
define ptr addrspace(77) @cast.in(ptr %p) {
  %r = addrspacecast ptr %p to ptr addrspace(77)
  ret ptr addrspace(77) %r
}

; Negative: it is only looked at.
; CHECK-LABEL: @cast.in.used(
; CHECK-NEXT: %r = addrspacecast ptr %p to ptr addrspace(77)
; CHECK-NEXT: call void @use(ptr addrspace(77) %r)
; CHECK-NEXT: ret void
define void @cast.in.used(ptr %p) {
  %r = addrspacecast ptr %p to ptr addrspace(77)
  call void @use(ptr addrspace(77) %r)
  ret void
}

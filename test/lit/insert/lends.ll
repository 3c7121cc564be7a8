; A function whose result is borrowed lends what its caller keeps alive: a parameter, or a field of one.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

; CHECK-LABEL: @parameter(
; CHECK-NEXT: ret ptr addrspace(77) %p
define "cairn-borrowed" ptr addrspace(77) @parameter(ptr addrspace(77) %p) {
  ret ptr addrspace(77) %p
}

; CHECK-LABEL: @field(
; CHECK-NEXT: %f = load ptr addrspace(77), ptr addrspace(77) %p
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %f)
; CHECK-NEXT: ret ptr addrspace(77) %f
define "cairn-borrowed" ptr addrspace(77) @field(ptr addrspace(77) %p) {
  %f = load ptr addrspace(77), ptr addrspace(77) %p
  ret ptr addrspace(77) %f
}

; Negative: without the mark, the result is owned.
; CHECK-LABEL: @owned(
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %p)
; CHECK-NEXT: ret ptr addrspace(77) %p
define ptr addrspace(77) @owned(ptr addrspace(77) %p) {
  ret ptr addrspace(77) %p
}

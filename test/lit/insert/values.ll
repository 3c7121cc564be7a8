; What is loaded is retained at once, since nothing says how long the field keeps it. Select and freeze
; have a unit of their own, and so has what a call lends. Increfs come before decrefs.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

declare "cairn-borrowed" ptr addrspace(77) @lend(ptr addrspace(77))

; CHECK-LABEL: @loaded(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %field = load ptr addrspace(77), ptr addrspace(77) %m
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %field)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret ptr addrspace(77) %field
define ptr addrspace(77) @loaded() {
  %m = call ptr addrspace(77) @make()
  %field = load ptr addrspace(77), ptr addrspace(77) %m
  ret ptr addrspace(77) %field
}

; CHECK-LABEL: @selected(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %s = select i1 %c, ptr addrspace(77) %p, ptr addrspace(77) %m
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %s)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret ptr addrspace(77) %s
define ptr addrspace(77) @selected(i1 %c, ptr addrspace(77) %p) {
  %m = call ptr addrspace(77) @make()
  %s = select i1 %c, ptr addrspace(77) %p, ptr addrspace(77) %m
  ret ptr addrspace(77) %s
}

; CHECK-LABEL: @frozen(
; CHECK-NEXT: %f = freeze ptr addrspace(77) %p
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: ret ptr addrspace(77) %f
define ptr addrspace(77) @frozen(ptr addrspace(77) %p) {
  %f = freeze ptr addrspace(77) %p
  ret ptr addrspace(77) %f
}

; CHECK-LABEL: @lent(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %l = call ptr addrspace(77) @lend(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %l)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret ptr addrspace(77) %l
define ptr addrspace(77) @lent() {
  %m = call ptr addrspace(77) @make()
  %l = call ptr addrspace(77) @lend(ptr addrspace(77) %m)
  ret ptr addrspace(77) %l
}

; Negative: what is loaded for nothing is not counted.
; CHECK-LABEL: @unused(
; CHECK-NEXT: %field = load ptr addrspace(77), ptr addrspace(77) %p
; CHECK-NEXT: ret void
define void @unused(ptr addrspace(77) %p) {
  %field = load ptr addrspace(77), ptr addrspace(77) %p
  ret void
}

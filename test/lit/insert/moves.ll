; A unit moves at the last use that takes one. Uses that take one before get an incref. A value
; that is k owned arguments of one call gets k - 1, or k if the call borrows it besides.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

declare void @take2(ptr addrspace(77) "cairn-owned", ptr addrspace(77) "cairn-owned")
declare void @mixed(ptr addrspace(77) "cairn-owned", ptr addrspace(77))

; CHECK-LABEL: @look(
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %kept)
; CHECK-NEXT: %v = load i64, ptr addrspace(77) %field
; CHECK-NEXT: ret i64 %v
define internal i64 @look(ptr addrspace(77) "cairn-owned" %kept, ptr addrspace(77) %field) noinline {
  %v = load i64, ptr addrspace(77) %field
  ret i64 %v
}

; CHECK-LABEL: @last(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @last() {
  %m = call ptr addrspace(77) @make()
  call void @use(ptr addrspace(77) %m)
  call void @take(ptr addrspace(77) %m)
  ret void
}

; CHECK-LABEL: @both(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %m)
; CHECK-NEXT: call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @both() {
  %m = call ptr addrspace(77) @make()
  call void @take(ptr addrspace(77) %m)
  call void @take(ptr addrspace(77) %m)
  ret void
}

; CHECK-LABEL: @same.twice(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %m)
; CHECK-NEXT: call void @take2(ptr addrspace(77) %m, ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @same.twice() {
  %m = call ptr addrspace(77) @make()
  call void @take2(ptr addrspace(77) %m, ptr addrspace(77) %m)
  ret void
}

; The callee could release its own unit while it looks at the other argument.
; CHECK-LABEL: @also.borrowed(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %m)
; CHECK-NEXT: call void @mixed(ptr addrspace(77) %m, ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @also.borrowed() {
  %m = call ptr addrspace(77) @make()
  call void @mixed(ptr addrspace(77) %m, ptr addrspace(77) %m)
  ret void
}

; An interior pointer borrows its base.
; CHECK-LABEL: @interior(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %i = getelementptr i8, ptr addrspace(77) %m, i64 8
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %m)
; CHECK-NEXT: %v = call i64 @look(ptr addrspace(77) %m, ptr addrspace(77) %i)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret i64 %v
define i64 @interior() {
  %m = call ptr addrspace(77) @make()
  %i = getelementptr i8, ptr addrspace(77) %m, i64 8
  %v = call i64 @look(ptr addrspace(77) %m, ptr addrspace(77) %i)
  ret i64 %v
}

; Negative: what is only taken once has no count.
; CHECK-LABEL: @none(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: ret ptr addrspace(77) %m
define ptr addrspace(77) @none() {
  %m = call ptr addrspace(77) @make()
  ret ptr addrspace(77) %m
}

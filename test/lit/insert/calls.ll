; Indirect and variadic calls borrow their arguments and give their result.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

declare void @variadic(i32, ...)

; CHECK-LABEL: @indirect(
; CHECK-NEXT: %m = call ptr addrspace(77) %f(ptr addrspace(77) null)
; CHECK-NEXT: call void %f(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @indirect(ptr %f) {
  %m = call ptr addrspace(77) %f(ptr addrspace(77) null)
  call void %f(ptr addrspace(77) %m)
  ret void
}

; CHECK-LABEL: @variable.arguments(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void (i32, ...) @variadic(i32 1, ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @variable.arguments() {
  %m = call ptr addrspace(77) @make()
  call void (i32, ...) @variadic(i32 1, ptr addrspace(77) %m)
  ret void
}

; Recursion is a call like any other.
; CHECK-LABEL: @recursive(
; CHECK-NEXT: %next = load ptr addrspace(77), ptr addrspace(77) %p
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %next)
; CHECK-NEXT: call void @recursive(ptr addrspace(77) %next)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %next)
; CHECK-NEXT: ret void
define void @recursive(ptr addrspace(77) %p) {
  %next = load ptr addrspace(77), ptr addrspace(77) %p
  call void @recursive(ptr addrspace(77) %next)
  ret void
}

; Negative: a call that gives and takes nothing.
; CHECK-LABEL: @nothing(
; CHECK-NEXT: call void %f(ptr addrspace(77) null)
; CHECK-NEXT: ret void
define void @nothing(ptr %f) {
  call void %f(ptr addrspace(77) null)
  ret void
}

; An indirect call has the default convention, and so have variable arguments. A call site that says
; otherwise is an error, since no declaration holds the callee to it.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good(ptr %f, ptr addrspace(77) %p) {
  %r = call ptr addrspace(77) %f(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  ret void
}

; CHECK: takes: wrong convention: an indirect call borrows its arguments, but this one takes %p
define void @takes(ptr %f, ptr addrspace(77) "cairn-owned" %p) {
  call void %f(ptr addrspace(77) "cairn-owned" %p)
  ret void
}

; CHECK: lends: wrong convention: an indirect call gives its result, but this one lends %r
define void @lends(ptr %f, ptr addrspace(77) %p) {
  %r = call "cairn-borrowed" ptr addrspace(77) %f(ptr addrspace(77) %p)
  store i8 0, ptr addrspace(77) %r
  ret void
}

; CHECK: variable: wrong convention: variable arguments are borrowed, but this one takes %p
declare void @print(ptr, ...)
define void @variable(ptr %f, ptr addrspace(77) "cairn-owned" %p) {
  call void (ptr, ...) @print(ptr %f, ptr addrspace(77) "cairn-owned" %p)
  ret void
}

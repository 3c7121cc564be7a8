; An indirect call has the default convention. A call site that says otherwise is an error, since
; no declaration holds the callee to it.
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

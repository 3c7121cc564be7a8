; A tail call comes after all releases: what it borrows, the caller of this function has to hold.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @get()

define ptr addrspace(77) @callee(ptr addrspace(77) %p, ptr addrspace(77) "cairn-owned" %q) {
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  ret ptr addrspace(77) %p
}

define ptr addrspace(77) @good(ptr addrspace(77) %p, ptr addrspace(77) "cairn-owned" %q) {
  %r = musttail call ptr addrspace(77) @callee(ptr addrspace(77) %p, ptr addrspace(77) %q)
  ret ptr addrspace(77) %r
}

; Negative: a local value is borrowed, and held.
; CHECK: held: lost unit: a unit of %x is lost where the function ends
define ptr addrspace(77) @held(ptr addrspace(77) %p, ptr addrspace(77) "cairn-owned" %q) {
  %x = call ptr addrspace(77) @get()
  %r = musttail call ptr addrspace(77) @callee(ptr addrspace(77) %x, ptr addrspace(77) %q)
  ret ptr addrspace(77) %r
}

; Negative: released before.
; CHECK-NEXT: gone: used after its unit went: nothing keeps %x alive here
define ptr addrspace(77) @gone(ptr addrspace(77) %p, ptr addrspace(77) "cairn-owned" %q) {
  %x = call ptr addrspace(77) @get()
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %r = musttail call ptr addrspace(77) @callee(ptr addrspace(77) %x, ptr addrspace(77) %q)
  ret ptr addrspace(77) %r
}

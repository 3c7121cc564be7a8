; A call that returns its argument gives a unit of that, under the argument's name as well.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

declare ptr addrspace(77) @same(ptr addrspace(77) returned)

define void @good(ptr addrspace(77) %p) {
  %r = call ptr addrspace(77) @same(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative.
; CHECK: twice: no unit: %r is released
define void @twice(ptr addrspace(77) %p) {
  %r = call ptr addrspace(77) @same(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  ret void
}

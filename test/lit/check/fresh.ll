; A new object has null in its fields until something is stored into them, as long as only this
; function can reach it.
; RUN: %ir %s > %t.ll && not %certify %t.ll | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@type = external global i8
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @borrow(ptr addrspace(77))

define ptr addrspace(77) @good(ptr addrspace(77) %x, ptr addrspace(77) %y) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  store ptr addrspace(77) %x, ptr addrspace(77) %p
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  call void @cairn.ref.incref(ptr addrspace(77) %y)
  store ptr addrspace(77) %y, ptr addrspace(77) %f
  ret ptr addrspace(77) %p
}

; What a call borrows but does not keep is still known to nobody else.
declare void @look(ptr addrspace(77) readonly captures(none)) memory(argmem: read)
define ptr addrspace(77) @good_look(ptr addrspace(77) %x) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  call void @look(ptr addrspace(77) %p)
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  store ptr addrspace(77) %x, ptr addrspace(77) %p
  ret ptr addrspace(77) %p
}

; Negative: stored twice, and the first one is lost.
; CHECK: again: lost unit: a unit of %x is lost where the function ends
define ptr addrspace(77) @again(ptr addrspace(77) %x, ptr addrspace(77) %y) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  store ptr addrspace(77) %x, ptr addrspace(77) %p
  call void @cairn.ref.incref(ptr addrspace(77) %y)
  store ptr addrspace(77) %y, ptr addrspace(77) %p
  ret ptr addrspace(77) %p
}

; Negative: somebody else may have stored into it.
; CHECK-NEXT: escaped: old value lost
define ptr addrspace(77) @escaped(ptr addrspace(77) %x) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  call void @borrow(ptr addrspace(77) %p)
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  store ptr addrspace(77) %x, ptr addrspace(77) %p
  ret ptr addrspace(77) %p
}

; Negative: known null, and no unit to give.
; CHECK-NEXT: unpaid: no unit: %x is stored
define ptr addrspace(77) @unpaid(ptr addrspace(77) %x) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  store ptr addrspace(77) %x, ptr addrspace(77) %p
  ret ptr addrspace(77) %p
}

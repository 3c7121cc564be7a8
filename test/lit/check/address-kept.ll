; A call that may keep its argument's address as a number, or compare it with null, has no pointer to the object
; afterwards: what the object's fields hold is known over other calls still.
; REQUIRES: captures
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @anything()
declare void @compares(ptr addrspace(77) readonly captures(address_is_null))
declare void @numbers(ptr addrspace(77) readonly captures(address))
declare void @keeps(ptr addrspace(77) readonly captures(read_provenance))
@type = external global i8

define void @good(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  store ptr addrspace(77) %a, ptr addrspace(77) %p
  call void @compares(ptr addrspace(77) %p)
  call void @numbers(ptr addrspace(77) %p)
  call void @anything()
  store ptr addrspace(77) %b, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: it may read the object later, and hand it to others.
; CHECK: bad: old value lost: %b is stored over a reference that was not read before
define void @bad(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  store ptr addrspace(77) %a, ptr addrspace(77) %p
  call void @keeps(ptr addrspace(77) %p)
  call void @anything()
  store ptr addrspace(77) %b, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

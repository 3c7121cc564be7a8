; What an object that only this function knows holds is listed with it. So where one of two that a
; select chooses between is such an object, a load or a store has to know which one it is.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
%node = type { ptr addrspace(77), ptr addrspace(77) }
@type = external constant i8
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)

; One becomes a field of the other.
define ptr addrspace(77) @good_linked(i1 %c, ptr addrspace(77) "cairn-owned" %old) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  %a = select i1 %c, ptr addrspace(77) %old, ptr addrspace(77) %new
  %b = select i1 %c, ptr addrspace(77) %new, ptr addrspace(77) %old
  %was = load ptr addrspace(77), ptr addrspace(77) %b
  store ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @cairn.ref.decref(ptr addrspace(77) %was)
  ret ptr addrspace(77) %b
}

; A field moves from one to the other, and nothing is left behind.
define ptr addrspace(77) @good_moved(i1 %c, ptr addrspace(77) "cairn-owned" %old) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  %a = select i1 %c, ptr addrspace(77) %old, ptr addrspace(77) %new
  %b = select i1 %c, ptr addrspace(77) %new, ptr addrspace(77) %old
  %next = getelementptr %node, ptr addrspace(77) %a, i32 0, i32 1
  %x = load ptr addrspace(77), ptr addrspace(77) %b
  store ptr addrspace(77) null, ptr addrspace(77) %b
  %was = load ptr addrspace(77), ptr addrspace(77) %next
  store ptr addrspace(77) %x, ptr addrspace(77) %next
  store ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @cairn.ref.decref(ptr addrspace(77) %was)
  ret ptr addrspace(77) %b
}

; Negative: what the older one's field held is lost.
; CHECK: bad_lost: old value lost
define ptr addrspace(77) @bad_lost(i1 %c, ptr addrspace(77) "cairn-owned" %old) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  %a = select i1 %c, ptr addrspace(77) %old, ptr addrspace(77) %new
  %b = select i1 %c, ptr addrspace(77) %new, ptr addrspace(77) %old
  store ptr addrspace(77) %a, ptr addrspace(77) %b
  ret ptr addrspace(77) %b
}

; Negative: the one that becomes a field is released as well.
; CHECK: bad_twice: used after its unit went
; CHECK: bad_twice: no unit: %a is released
define ptr addrspace(77) @bad_twice(i1 %c, ptr addrspace(77) "cairn-owned" %old) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  %a = select i1 %c, ptr addrspace(77) %old, ptr addrspace(77) %new
  %b = select i1 %c, ptr addrspace(77) %new, ptr addrspace(77) %old
  %was = load ptr addrspace(77), ptr addrspace(77) %b
  store ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @cairn.ref.decref(ptr addrspace(77) %was)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret ptr addrspace(77) %b
}

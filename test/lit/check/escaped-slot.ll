; The unit of what a slot holds may be released only if it is taken out, or if nobody but this function can
; read the slot any more. A slot whose address a call has kept is read by others, and what is released while
; it stands there is released a second time where the slot is emptied.
; RUN: %ir %s > %t.ll
; RUN: not %certify %t.ll | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @fill(ptr)
declare void @fill_only(ptr captures(none))

define i64 @good() {
  %s = alloca ptr addrspace(77)
  store ptr addrspace(77) null, ptr %s
  call void @fill(ptr %s)
  %r = load ptr addrspace(77), ptr %s
  call void @cairn.ref.incref(ptr addrspace(77) %r)
  %n = load i64, ptr addrspace(77) %r
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  %old = load ptr addrspace(77), ptr %s
  store ptr addrspace(77) null, ptr %s
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret i64 %n
}

; LLVM removes the store of null that nobody can read.
define i64 @good_without_the_last_store() {
  %s = alloca ptr addrspace(77)
  store ptr addrspace(77) null, ptr %s
  call void @fill_only(ptr %s)
  %r = load ptr addrspace(77), ptr %s
  %n = load i64, ptr addrspace(77) %r
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  ret i64 %n
}

; CHECK: lost: no unit: %r is released, but this function has no unit of it: it is only borrowed
define i64 @lost() {
  %s = alloca ptr addrspace(77)
  store ptr addrspace(77) null, ptr %s
  call void @fill(ptr %s)
  %r = load ptr addrspace(77), ptr %s
  %n = load i64, ptr addrspace(77) %r
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  %old = load ptr addrspace(77), ptr %s
  store ptr addrspace(77) null, ptr %s
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret i64 %n
}

; CHECK: twice: no unit: %r is released, but this function has no unit of it: it is only borrowed
define i64 @twice() {
  %s = alloca ptr addrspace(77)
  store ptr addrspace(77) null, ptr %s
  call void @fill(ptr %s)
  %r = load ptr addrspace(77), ptr %s
  call void @cairn.ref.incref(ptr addrspace(77) %r)
  %n = load i64, ptr addrspace(77) %r
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  %old = load ptr addrspace(77), ptr %s
  store ptr addrspace(77) null, ptr %s
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret i64 %n
}

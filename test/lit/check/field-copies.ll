; Copies of fields: the object that is written holds references that have no name yet, and what was there is released. The
; object that is read stays as it is, and nobody keeps its address.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
@T = constant { ptr, i32 } zeroinitializer
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.copy.fields(ptr addrspace(77), ptr addrspace(77), ptr, i64)
declare void @cairn.ref.read.fields(ptr addrspace(77), ptr addrspace(77), ptr, i64)
declare void @cairn.ref.fill.fields(ptr addrspace(77), ptr addrspace(77), i8, i64)

; The field of a new object is still null after others of it were copied.
define ptr addrspace(77) @good_read(ptr addrspace(77) %to) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  %fields = addrspacecast ptr addrspace(77) %new to ptr
  call void @cairn.ref.copy.fields(ptr addrspace(77) %to, ptr addrspace(77) %to, ptr %fields, i64 16)
  %at = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) null, ptr addrspace(77) %at
  ret ptr addrspace(77) %new
}

; What is behind the words that are written is null as it was, and what was copied can be stored over where it was read.
define ptr addrspace(77) @good_written(ptr %from) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  call void @cairn.ref.copy.fields(ptr addrspace(77) %new, ptr addrspace(77) %new, ptr %from, i64 16)
  %behind = getelementptr i8, ptr addrspace(77) %new, i64 16
  store ptr addrspace(77) null, ptr addrspace(77) %behind
  %old = load ptr addrspace(77), ptr addrspace(77) %new
  store ptr addrspace(77) null, ptr addrspace(77) %new
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret ptr addrspace(77) %new
}

define ptr addrspace(77) @good_filled(ptr addrspace(77) "cairn-owned" %p) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  store ptr addrspace(77) %p, ptr addrspace(77) %new
  call void @cairn.ref.fill.fields(ptr addrspace(77) %new, ptr addrspace(77) %new, i8 0, i64 16)
  store ptr addrspace(77) null, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; CHECK: twice: released twice: %p is released
define ptr addrspace(77) @twice(ptr addrspace(77) "cairn-owned" %p) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  store ptr addrspace(77) %p, ptr addrspace(77) %new
  call void @cairn.ref.fill.fields(ptr addrspace(77) %new, ptr addrspace(77) %new, i8 0, i64 16)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret ptr addrspace(77) %new
}

; CHECK: not_released: lost unit
define ptr addrspace(77) @not_released(ptr %from) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  call void @cairn.ref.copy.fields(ptr addrspace(77) %new, ptr addrspace(77) %new, ptr %from, i64 16)
  %old = load ptr addrspace(77), ptr addrspace(77) %new
  store ptr addrspace(77) null, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; More than is remembered, or a length that is not known.
; CHECK: unknown: old value lost
define ptr addrspace(77) @unknown(ptr %from, i64 %n) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  call void @cairn.ref.copy.fields(ptr addrspace(77) %new, ptr addrspace(77) %new, ptr %from, i64 %n)
  %behind = getelementptr i8, ptr addrspace(77) %new, i64 16
  store ptr addrspace(77) null, ptr addrspace(77) %behind
  ret ptr addrspace(77) %new
}

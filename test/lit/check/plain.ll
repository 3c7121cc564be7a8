; A frontend's own counts on plain pointers: what it allocates, counts or marks is a reference.
; Its variables on the stack are names, not slots.
; RUN: not %certify --plain %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"

declare ptr @cairn.alloc(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare ptr @cairn.list.get.ref(ptr, i32)
declare void @elsewhere(ptr)
declare "cairn-owned" ptr @make()
declare void @keep(ptr "cairn-owned")
@type = external global i8

define void @good(ptr %list, ptr %out) {
  %p = call ptr @cairn.alloc(ptr @type)
  store i64 1, ptr %p
  call void @elsewhere(ptr %p)
  %e = call ptr @cairn.list.get.ref(ptr %list, i32 0)
  call void @cairn.incref(ptr %e)
  store ptr %e, ptr %p
  call void @keep(ptr %p)
  ret void
}

; At -O0.
define "cairn-owned" ptr @good_variables(ptr %arg) {
entry:
  %v = alloca ptr
  %n = call ptr @make()
  store ptr %n, ptr %v
  %a = load ptr, ptr %v
  call void @elsewhere(ptr %a)
  %b = load ptr, ptr %v
  ret ptr %b
}

; Pointers that are no references.
define ptr @good_other(ptr %p) {
  %q = load ptr, ptr %p
  store ptr %q, ptr %p
  ret ptr %q
}

; Released before the field is written over, as frontends do.
define void @good_early(ptr %p) {
  %old = load ptr, ptr %p
  call void @cairn.decref(ptr %old)
  store ptr null, ptr %p
  ret void
}

; CHECK: lost: lost unit: a unit of %p is lost
define void @lost() {
  %p = call ptr @cairn.alloc(ptr @type)
  call void @elsewhere(ptr %p)
  ret void
}

; CHECK-NEXT: twice: released twice: %p is passed to a parameter that takes a unit
define void @twice() {
  %p = call ptr @make()
  call void @cairn.decref(ptr %p)
  call void @keep(ptr %p)
  ret void
}

; CHECK-NEXT: variable: released twice: %a is passed
define void @variable() {
  %v = alloca ptr
  %n = call ptr @make()
  store ptr %n, ptr %v
  call void @cairn.decref(ptr %n)
  %a = load ptr, ptr %v
  call void @keep(ptr %a)
  ret void
}

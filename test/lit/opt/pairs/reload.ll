; Two variables that change places by copies. Their counts undo each other in pairs, but whose count
; the last release ends is only seen when the load before it is known to give what was stored: and
; that load was behind a release that goes.
; RUN: %opt -passes=cairn-pairs -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
@a = internal global ptr null
@b = internal global ptr null
declare void @cairn.incref(ptr) memory(inaccessiblemem: readwrite)
declare void @cairn.decref(ptr)
declare void @unknown()

; CHECK-LABEL: @exchange(
; CHECK-NOT: cairn.incref
; CHECK-NOT: cairn.decref
; CHECK: ret void
define void @exchange() {
  %t = load ptr, ptr @a
  call void @cairn.incref(ptr %t)
  %u = load ptr, ptr @b
  call void @cairn.incref(ptr %u)
  store ptr %u, ptr @a
  call void @cairn.decref(ptr %t)
  call void @cairn.incref(ptr %t)
  %old = load ptr, ptr @b
  store ptr %t, ptr @b
  call void @cairn.decref(ptr %old)
  call void @cairn.decref(ptr %t)
  ret void
}

; Negative: a call in between may have changed the variable.
; CHECK-LABEL: @called(
; CHECK: call void @cairn.incref(ptr %u)
; CHECK: call void @unknown()
; CHECK: %old = load ptr, ptr @b
; CHECK: call void @cairn.decref(ptr %old)
; CHECK: ret void
define void @called() {
  %t = load ptr, ptr @a
  call void @cairn.incref(ptr %t)
  %u = load ptr, ptr @b
  call void @cairn.incref(ptr %u)
  store ptr %u, ptr @a
  call void @cairn.decref(ptr %t)
  call void @unknown()
  %old = load ptr, ptr @b
  store ptr %t, ptr @b
  call void @cairn.decref(ptr %old)
  ret void
}

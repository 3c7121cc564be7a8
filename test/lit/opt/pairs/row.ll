; Releases that follow each other happen at one point: one whose object was retained in the block counts as the first of
; them, and so is none. A setter's argument goes into a field while it has a variable of its own.
; RUN: %opt -passes='cairn-pairs,verify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @unknown()

; CHECK-LABEL: @setter(
; CHECK-NEXT: call void @cairn.incref(ptr %new)
; CHECK-NEXT: %old = load ptr, ptr %field
; CHECK-NEXT: store ptr %new, ptr %field
; CHECK-NEXT: call void @cairn.decref(ptr %old)
; CHECK-NEXT: ret void
define void @setter(ptr %field, ptr %new) {
  call void @cairn.incref(ptr %new)
  call void @cairn.incref(ptr %new)
  %old = load ptr, ptr %field
  store ptr %new, ptr %field
  call void @cairn.decref(ptr %old)
  call void @cairn.decref(ptr %new)
  ret void
}

; Managed references; and arithmetic between, and a second release of the same kind.
; CHECK-LABEL: @managed(
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
; CHECK-NEXT: %n = add i64 %a, %b
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %other)
; CHECK-NEXT: ret i64 %n
define i64 @managed(ptr addrspace(77) %old, ptr addrspace(77) %other, ptr addrspace(77) %new, i64 %a, i64 %b) {
  call void @cairn.ref.incref(ptr addrspace(77) %new)
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  %n = add i64 %a, %b
  call void @cairn.ref.decref(ptr addrspace(77) %other)
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret i64 %n
}

; Negative: what is read between may lie in the object, under another name.
; CHECK-LABEL: @read(
; CHECK-NEXT: call void @cairn.incref(ptr %new)
; CHECK-NEXT: call void @cairn.decref(ptr %old)
; CHECK-NEXT: %v = load i64, ptr %same
; CHECK-NEXT: call void @cairn.decref(ptr %new)
define i64 @read(ptr %old, ptr %new, ptr %same) {
  call void @cairn.incref(ptr %new)
  call void @cairn.decref(ptr %old)
  %v = load i64, ptr %same
  call void @cairn.decref(ptr %new)
  ret i64 %v
}

; Negative: the object is retained between under another name, and has to live until then.
; CHECK-LABEL: @retained(
; CHECK-NEXT: call void @cairn.incref(ptr %new)
; CHECK-NEXT: call void @cairn.decref(ptr %old)
; CHECK-NEXT: call void @cairn.incref(ptr %same)
; CHECK-NEXT: call void @cairn.decref(ptr %new)
define void @retained(ptr %old, ptr %new, ptr %same) {
  call void @cairn.incref(ptr %new)
  call void @cairn.decref(ptr %old)
  call void @cairn.incref(ptr %same)
  call void @cairn.decref(ptr %new)
  ret void
}

; Negative: before the row, a call may have released it.
; CHECK-LABEL: @called(
; CHECK-NEXT: call void @cairn.incref(ptr %new)
; CHECK-NEXT: call void @unknown()
; CHECK-NEXT: call void @cairn.decref(ptr %old)
; CHECK-NEXT: call void @cairn.decref(ptr %new)
define void @called(ptr %old, ptr %new) {
  call void @cairn.incref(ptr %new)
  call void @unknown()
  call void @cairn.decref(ptr %old)
  call void @cairn.decref(ptr %new)
  ret void
}

; Negative: a call behind the row looks at the objects.
; CHECK-LABEL: @call_between(
; CHECK-NEXT: call void @cairn.incref(ptr %new)
; CHECK-NEXT: call void @cairn.decref(ptr %old)
; CHECK-NEXT: call void @unknown()
; CHECK-NEXT: call void @cairn.decref(ptr %new)
define void @call_between(ptr %old, ptr %new) {
  call void @cairn.incref(ptr %new)
  call void @cairn.decref(ptr %old)
  call void @unknown()
  call void @cairn.decref(ptr %new)
  ret void
}

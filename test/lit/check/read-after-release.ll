; A release may run a finaliser, which stores references only into objects that it made. A field of another object that
; lives is therefore as it was: two loads of it, with a release between them, give one object.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
@global = internal global ptr addrspace(77) null
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @anything()

define void @good(ptr addrspace(77) %holder, ptr addrspace(77) "cairn-owned" %other) {
  %field = getelementptr i8, ptr addrspace(77) %holder, i64 8
  %once = load ptr addrspace(77), ptr addrspace(77) %field
  call void @cairn.ref.decref(ptr addrspace(77) %other)
  %again = load ptr addrspace(77), ptr addrspace(77) %field
  call void @cairn.ref.incref(ptr addrspace(77) %again)
  call void @cairn.ref.decref(ptr addrspace(77) %once)
  ret void
}

; Negative: a call may store into the field.
; CHECK: called: {{.*}}%once
define void @called(ptr addrspace(77) %holder) {
  %field = getelementptr i8, ptr addrspace(77) %holder, i64 8
  %once = load ptr addrspace(77), ptr addrspace(77) %field
  call void @anything()
  %again = load ptr addrspace(77), ptr addrspace(77) %field
  call void @cairn.ref.incref(ptr addrspace(77) %again)
  call void @cairn.ref.decref(ptr addrspace(77) %once)
  ret void
}

; Negative: a global is no field.
; CHECK: variable: {{.*}}%once
define void @variable(ptr addrspace(77) "cairn-owned" %other) {
  %once = load ptr addrspace(77), ptr @global
  call void @cairn.ref.decref(ptr addrspace(77) %other)
  %again = load ptr addrspace(77), ptr @global
  call void @cairn.ref.incref(ptr addrspace(77) %again)
  call void @cairn.ref.decref(ptr addrspace(77) %once)
  ret void
}

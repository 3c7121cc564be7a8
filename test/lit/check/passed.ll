; LLVM puts a constant that all callers of an internal function pass in the parameter's place. The
; parameter is then null, or static, and nobody releases it.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

define internal ptr addrspace(77) @good_null(ptr addrspace(77) "cairn-owned" %p, i64 %n) {
  call void @cairn.ref.decref(ptr addrspace(77) null)
  ret ptr addrspace(77) poison
}

define void @good_callers() {
  %a = call ptr addrspace(77) @good_null(ptr addrspace(77) "cairn-owned" null, i64 1)
  %b = call ptr addrspace(77) @good_null(ptr addrspace(77) "cairn-owned" null, i64 2)
  ret void
}

; Negative: one caller passes an object.
; CHECK: lost: lost unit: a unit of %p is lost
define internal void @lost(ptr addrspace(77) "cairn-owned" %p) {
  ret void
}

define void @good_other_callers(ptr addrspace(77) "cairn-owned" %q) {
  call void @lost(ptr addrspace(77) "cairn-owned" null)
  call void @lost(ptr addrspace(77) "cairn-owned" %q)
  ret void
}

; Negative: other modules may call it.
; CHECK: exported: lost unit: a unit of %p is lost
define void @exported(ptr addrspace(77) "cairn-owned" %p) {
  ret void
}

define void @good_caller_of_exported() {
  call void @exported(ptr addrspace(77) "cairn-owned" null)
  ret void
}

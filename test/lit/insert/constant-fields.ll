; A frontend may say that a field never changes. Where counts are inserted, that is no longer so: the
; object ends with its last release, and LLVM would move the load behind it.
; RUN: %opt -load-pass-plugin=%plugin -passes='cairn-import,cairn-insert,function(instcombine)' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
@constant = external global i64
declare i64 @other(i64)

; CHECK-LABEL: define i64 @field
; CHECK: load i64, ptr addrspace(77) %p, align 8{{$}}
; CHECK-NEXT: call void @cairn.ref.decref
define i64 @field(ptr addrspace(77) "cairn-owned" %p, i1 %c) {
  %v = load i64, ptr addrspace(77) %p, align 8, !invariant.load !0
  br i1 %c, label %a, label %b
a:
  %r = call i64 @other(i64 %v)
  ret i64 %r
b:
  ret i64 0
}

; A plain pointer into the object is an address of the same memory.
; CHECK-LABEL: define i64 @borrowed
; CHECK: load i64, ptr %{{.*}}, align 8{{$}}
; CHECK-NEXT: call void @cairn.ref.decref
define i64 @borrowed(ptr addrspace(77) "cairn-owned" %p, i1 %c) {
  %q = addrspacecast ptr addrspace(77) %p to ptr
  %v = load i64, ptr %q, align 8, !invariant.load !0
  br i1 %c, label %a, label %b
a:
  %r = call i64 @other(i64 %v)
  ret i64 %r
b:
  ret i64 0
}

; Negative: no release ends a global.
; CHECK-LABEL: define i64 @global
; CHECK: load i64, ptr @constant, align 8, !invariant.load
define i64 @global(ptr addrspace(77) "cairn-owned" %p) {
  %v = load i64, ptr @constant, align 8, !invariant.load !0
  ret i64 %v
}
!0 = !{}

; LLVM forwards a load over a store that metadata says is elsewhere. The certifier knows as much.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good(ptr addrspace(77) %p, ptr addrspace(77) %q, ptr addrspace(77) "cairn-owned" %new) {
  %old = load ptr addrspace(77), ptr addrspace(77) %p, !tbaa !1
  %other = load ptr addrspace(77), ptr addrspace(77) %q, !tbaa !4
  store ptr addrspace(77) null, ptr addrspace(77) %q, !tbaa !4
  store ptr addrspace(77) %new, ptr addrspace(77) %p, !tbaa !1
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @cairn.ref.decref(ptr addrspace(77) %other)
  ret void
}

; Negative: without it they may be one field.
; CHECK: bare: old value lost
define void @bare(ptr addrspace(77) %p, ptr addrspace(77) %q, ptr addrspace(77) "cairn-owned" %new) {
  %old = load ptr addrspace(77), ptr addrspace(77) %p
  %other = load ptr addrspace(77), ptr addrspace(77) %q
  store ptr addrspace(77) null, ptr addrspace(77) %q
  store ptr addrspace(77) %new, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @cairn.ref.decref(ptr addrspace(77) %other)
  ret void
}

!0 = !{!"root"}
!1 = !{!2, !3, i64 0}
!2 = !{!"tree", !3, i64 0}
!3 = !{!"pointer", !0, i64 0}
!4 = !{!5, !3, i64 0}
!5 = !{!"list", !3, i64 0}

; What cannot be made plain is an error that says what and where, not a module that means
; something else.
;
; RUN: rm -rf %t && split-file %s %t
; RUN: not %opt -passes=cairn-plain -disable-output %t/signature.ll 2>&1 | FileCheck %s --check-prefix=SIGNATURE
; RUN: not %opt -passes=cairn-plain -disable-output %t/address.ll 2>&1 | FileCheck %s --check-prefix=ADDRESS
; RUN: not %opt -passes=cairn-lower -disable-output %t/uncounted.ll 2>&1 | FileCheck %s --check-prefix=UNCOUNTED
; RUN: not %opt -passes=cairn-lower -disable-output %t/linked.ll 2>&1 | FileCheck %s --check-prefix=LINKED
;
; The same with what was missing is lowered.
; RUN: %opt -passes=cairn-lower -S %t/counted.ll | FileCheck %s --check-prefix=COUNTED

; SIGNATURE: 'cairn.ref.decref' is declared with another signature than its own
;--- signature.ll
declare void @cairn.ref.decref(ptr addrspace(77), i32)
define void @f(ptr addrspace(77) %p) {
  call void @cairn.ref.decref(ptr addrspace(77) %p, i32 0)
  ret void
}

; ADDRESS: 'cairn.ref.borrow' is used in another way than by a direct call, and no function stands for it
;--- address.ll
declare ptr @cairn.ref.borrow(ptr addrspace(77))
define ptr @f() {
  ret ptr @cairn.ref.borrow
}

; UNCOUNTED: function 'f' has managed references, and their counts were not inserted
;--- uncounted.ll
define void @f(ptr %p) {
  %r = load ptr addrspace(77), ptr %p
  store ptr addrspace(77) %r, ptr %p
  ret void
}

; What another module brought into a link is seen by its signature.
; LINKED-NOT: 'inlined'
; LINKED: function 'f' has managed references, and their counts were not inserted
; LINKED-NOT: 'inlined'
;--- linked.ll
define void @f(ptr addrspace(77) %p) {
  ret void
}
define void @inlined(ptr %p) {
  %r = load ptr addrspace(77), ptr %p
  store ptr addrspace(77) %r, ptr %p
  ret void
}
!llvm.module.flags = !{!0}
!0 = !{i32 7, !"cairn-counts-inserted", i32 1}

; COUNTED: define void @f(ptr %p)
; COUNTED: define void @inlined(ptr %p)
;--- counted.ll
define void @f(ptr addrspace(77) %p) "cairn-counts-inserted" {
  ret void
}
define void @inlined(ptr %p) {
  %r = load ptr addrspace(77), ptr %p
  store ptr addrspace(77) %r, ptr %p
  ret void
}
!llvm.module.flags = !{!0}
!0 = !{i32 7, !"cairn-counts-inserted", i32 1}

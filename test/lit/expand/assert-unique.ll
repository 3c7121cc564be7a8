; An assertion of uniqueness is no code, but in a checked program, where the runtime looks and knows the place.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not='call{{.*}}unique'
; RUN: %opt -passes='cairn-lower<O0>' -S %s | FileCheck %s --implicit-check-not='call{{.*}}unique' --check-prefix=O0
; RUN: sed 's/^;FLAG//' %s | %opt -passes=cairn-lower -S | FileCheck %s --check-prefix=CHECKED

target triple = "x86_64-unknown-linux-gnu"
;FLAG!llvm.module.flags = !{!0}
;FLAG!0 = !{i32 7, !"cairn-checked", i32 1}
declare void @cairn.assert.unique(ptr)
declare void @cairn.ref.assert.unique(ptr addrspace(77))

; CHECK-LABEL: define void @plain(
; CHECK-NEXT: ret void
; O0-LABEL: define void @plain(
; CHECKED-LABEL: define void @plain(
; CHECKED: call void @cairn_rt_check_assert_unique(ptr {{.*}}%p, ptr {{.*}}@cairn.site
define void @plain(ptr %p) {
  call void @cairn.assert.unique(ptr %p)
  ret void
}

; CHECKED-LABEL: define void @managed(
; CHECKED: call void @cairn_rt_check_assert_unique(
define void @managed(ptr addrspace(77) %p) "cairn-counts-inserted" {
  call void @cairn.ref.assert.unique(ptr addrspace(77) %p)
  ret void
}

; Null is nobody's.
; CHECKED-LABEL: define void @null(
; CHECKED-NEXT: ret void
define void @null() {
  call void @cairn.assert.unique(ptr null)
  ret void
}

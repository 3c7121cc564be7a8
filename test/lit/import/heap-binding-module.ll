; A module flag binds every function that has no binding of its own.
; RUN: %opt -passes=cairn-import -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

declare ptr @cairn.malloc(i64)

; CHECK-LABEL: define ptr @bound(
; CHECK: call ptr @cairn.heap.malloc(ptr @pool, i64 8)
define ptr @bound() {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}

; CHECK-LABEL: define ptr @thread(
; CHECK: call ptr @cairn.malloc(i64 8)
define ptr @thread() "cairn-heap"="thread" {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}

!llvm.module.flags = !{!0, !1}
!0 = !{i32 1, !"cairn-heap", !"static"}
!1 = !{i32 1, !"cairn-heap-symbol", !"pool"}

; A function that has its counts was looked at before they were inserted: nothing is said of its references again.
; RUN: %opt -passes=cairn-assertions -pass-remarks-missed=cairn-assertions -S %s 2>&1 | FileCheck %s --implicit-check-not=remark

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.assert.unique(ptr addrspace(77))

; CHECK-LABEL: @counted(
; CHECK: call void @cairn.ref.assert.unique(
define void @counted(ptr addrspace(77) %n) "cairn-counts-inserted" {
  call void @cairn.ref.assert.unique(ptr addrspace(77) %n)
  ret void
}

; A store of what the reused memory holds at that place already goes: of a number without a trace, of a reference
; with a bit in `kept`.
; RUN: %opt -passes=cairn-keep -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)

; CHECK-LABEL: @kept(
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.own.cell(
; CHECK-NEXT: [[NEW:%.*]] = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) [[CELL]], i32 -2113929213, i32 -2113929213, i32 2, i1 false)
; CHECK-NEXT: store ptr addrspace(77) %left, ptr addrspace(77) [[NEW]]
; CHECK-NEXT: ret
define ptr addrspace(77) @kept(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %left) "cairn-counts-inserted" {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %from.right = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 8
  %from.key = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 16
  %right = load ptr addrspace(77), ptr addrspace(77) %from.right
  %key = load i64, ptr addrspace(77) %from.key
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 0, i1 false)
  %to.right = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  %to.key = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store ptr addrspace(77) %left, ptr addrspace(77) %new
  store ptr addrspace(77) %right, ptr addrspace(77) %to.right
  store i64 %key, ptr addrspace(77) %to.key
  ret ptr addrspace(77) %new
}

; Negative: it goes to another field.
; CHECK-LABEL: @moved(
; CHECK: i32 0, i1 false)
; CHECK: store ptr addrspace(77) %right, ptr addrspace(77) %new
define ptr addrspace(77) @moved(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) "cairn-counts-inserted" {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %from.right = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %from.right
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 0, i1 false)
  %to.right = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %right, ptr addrspace(77) %new
  store ptr addrspace(77) %y, ptr addrspace(77) %to.right
  ret ptr addrspace(77) %new
}

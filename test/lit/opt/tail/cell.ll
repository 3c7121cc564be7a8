; What is read of a cell behind the call is read before it, also if another function gets the cell on another way.
; RUN: %opt -passes=cairn-tail,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare ptr addrspace(77) @taker(ptr addrspace(77) "cairn-owned" "cairn-cell"="2181038083") nounwind

; CHECK-LABEL: @copy(
; CHECK: load i64, ptr addrspace(77) %key
; CHECK: store ptr addrspace(77) %new, ptr addrspace(77) %hole
; CHECK-NOT: call ptr addrspace(77) @copy
; CHECK: ret ptr addrspace(77)
define ptr addrspace(77) @copy(ptr addrspace(77) "cairn-owned" %x, i1 %c) nounwind "cairn-counts-inserted" {
  %none = icmp eq ptr addrspace(77) %x, null
  br i1 %none, label %end, label %some
some:
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 2181038083)
  %key = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 16
  %next = load ptr addrspace(77), ptr addrspace(77) %cell
  br i1 %c, label %more, label %give
more:
  %rest = call ptr addrspace(77) @copy(ptr addrspace(77) %next, i1 %c)
  %k = load i64, ptr addrspace(77) %key
  %k1 = add i64 %k, 1
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 2181038083, i32 2181038083, i32 0, i1 false)
  %newkey = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k1, ptr addrspace(77) %newkey
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
give:
  %made = call ptr addrspace(77) @taker(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %made
end:
  ret ptr addrspace(77) null
}

; Where a program walks its heap when frames were left by longjmp, no memory waits for a call: there are no cells.
; RUN: %opt -passes=cairn-cells -S %s | FileCheck %s
; RUN: sed 's/"cairn-walked-heap", i32 1/"cairn-walked-heap", i32 0/' %s | %opt -passes=cairn-cells -S - | FileCheck %s --check-prefix=NOT-WALKED

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@one = internal constant [1 x i32] [i32 0]
@list = internal constant %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @one, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @call()

; CHECK-NOT: cell(
; Negative: the flag is 0.
; NOT-WALKED: @cairn.ref.own.cell(
define ptr addrspace(77) @made(ptr addrspace(77) "cairn-owned" %x) {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @call()
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %next, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

!llvm.module.flags = !{!0}
!0 = !{i32 7, !"cairn-walked-heap", i32 1}

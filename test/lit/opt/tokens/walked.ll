; Where a program walks its heap when frames were left by longjmp, memory waits for no other allocation, which may find
; the heap full: it is given back before. Without the flag it waits.
; RUN: %opt -passes=cairn-tokens,verify -S %s | FileCheck %s
; RUN: sed 's/"cairn-walked-heap", i32 1/"cairn-walked-heap", i32 0/' %s | %opt -passes=cairn-tokens,verify -S - | FileCheck %s --check-prefix=NOT-WALKED

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@pair = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
@large = internal global %cairn_type { i32 100, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; CHECK-LABEL: @between(
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(ptr @large)
; CHECK-NOT: reuse.cell
; CHECK: ret
; NOT-WALKED-LABEL: @between(
; NOT-WALKED: call ptr addrspace(77) @cairn.ref.alloc(ptr @large)
; NOT-WALKED: reuse.cell
define ptr addrspace(77) @between(ptr addrspace(77) "cairn-owned" %x) nounwind "cairn-counts-inserted" {
  %is = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %is, label %last, label %shared
last:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %next
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %next
next:
  %large = call ptr addrspace(77) @cairn.ref.alloc(ptr @large)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  store ptr addrspace(77) %large, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; The next allocation takes it, with the flag too.
; CHECK-LABEL: @at_once(
; CHECK: reuse.cell
; CHECK: ret
define ptr addrspace(77) @at_once(ptr addrspace(77) "cairn-owned" %x) nounwind "cairn-counts-inserted" {
  %is = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %is, label %last, label %shared
last:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %next
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %next
next:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  ret ptr addrspace(77) %new
}

!llvm.module.flags = !{!0}
!0 = !{i32 7, !"cairn-walked-heap", i32 1}

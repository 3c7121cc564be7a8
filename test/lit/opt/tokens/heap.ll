; Memory waits for an object that is made on a certain heap only if it lies there; otherwise it is given back at once.
; RUN: %opt -passes=cairn-tokens,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@pair = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
@my_heap = external global i8
declare ptr addrspace(77) @cairn.ref.heap.alloc(ptr, ptr)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; CHECK-LABEL: @reverse(
; CHECK: again:
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(
; CHECK: last:
; CHECK-NEXT: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.take.cell(
; CHECK-NEXT: [[ON:%.*]] = call i1 @cairn.ref.is.on(ptr addrspace(77) [[CELL]], ptr @my_heap)
; CHECK-NEXT: br i1 [[ON]], label %[[HERE:.*]], label %[[ELSEWHERE:[^ ]*]]
; CHECK: [[HERE]]:
; CHECK-NEXT: call void @cairn.ref.free.cell(ptr addrspace(77) [[LEFT:%.*]])
; CHECK: [[ELSEWHERE]]:
; CHECK-NEXT: call void @cairn.ref.free.cell(ptr addrspace(77) [[CELL]])
; CHECK: phi ptr addrspace(77) {{.*}}[ [[CELL]], %[[HERE]] ]
define ptr addrspace(77) @reverse(ptr addrspace(77) "cairn-owned" %list) nounwind "cairn-counts-inserted" {
  br label %loop
loop:
  %x = phi ptr addrspace(77) [ %list, %0 ], [ %tail, %next ]
  %made = phi ptr addrspace(77) [ null, %0 ], [ %new, %next ]
  %null = icmp eq ptr addrspace(77) %x, null
  br i1 %null, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr @my_heap, ptr @pair)
  store ptr addrspace(77) %made, ptr addrspace(77) %new
  %tail = load ptr addrspace(77), ptr addrspace(77) %x
  %is = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %is, label %last, label %shared
last:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %next
shared:
  call void @cairn.ref.incref(ptr addrspace(77) %tail)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %next
next:
  br label %loop
end:
  ret ptr addrspace(77) %made
}

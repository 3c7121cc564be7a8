; Where the cell has to lie on a certain heap, the header is compared first, and then the place.
; RUN: %opt -passes=cairn-header-first,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
@my_heap = external global i8
declare ptr addrspace(77) @cairn.ref.own.tagged.cell.on(ptr addrspace(77), i32, ptr)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))

; CHECK-LABEL: @loop(
; CHECK: [[IS:%.*]] = call i1 @cairn.ref.is.last(ptr addrspace(77) [[X:%.*]], i32 -2113798141, i32 -1)
; CHECK-NEXT: br i1 [[IS]], label %[[PLACE:.*]], label %[[TAG:[^ ]*]]
; CHECK: [[TAG]]:
; CHECK-NEXT: call i8 @cairn.ref.tag(
; CHECK: [[OWN:%.*]] = call ptr addrspace(77) @cairn.ref.own.tagged.cell.on(ptr addrspace(77) [[X]], i32 -2113798141, ptr @my_heap)
; CHECK: [[PLACE]]:
; CHECK-NEXT: [[ON:%.*]] = call i1 @cairn.ref.is.on(ptr addrspace(77) [[X]], ptr @my_heap)
; CHECK-NEXT: br i1 [[ON]], label %[[LAST:.*]], label %[[TAG]]
; CHECK: [[LAST]]:
; CHECK-NEXT: [[ITS:%.*]] = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) [[X]], i32 -2113798141)
; CHECK: phi ptr addrspace(77) [ [[ITS]], %[[LAST]] ], [ [[OWN]],
define ptr addrspace(77) @loop(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  br label %loop
loop:
  %at = phi ptr addrspace(77) [ %x, %0 ], [ %next, %more ]
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %at)
  %wide = zext i8 %tag to i32
  %is = icmp eq i32 %wide, 2
  br i1 %is, label %more, label %end
more:
  %cell = call ptr addrspace(77) @cairn.ref.own.tagged.cell.on(ptr addrspace(77) %at, i32 -2113798141, ptr @my_heap)
  %next = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %loop
end:
  ret ptr addrspace(77) %at
}

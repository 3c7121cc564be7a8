; A loop that goes on where an object has a certain tag, and takes it apart there, compares the header before it reads
; the tag.
; RUN: %opt -passes=cairn-header-first,verify -pass-remarks=cairn-header-first -S %s 2>%t | FileCheck %s
; RUN: FileCheck --check-prefix=REMARK %s <%t

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.tagged.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))
declare void @see(i8)

; REMARK: the header is compared before the tag is read
; REMARK-NOT: the header
; CHECK-LABEL: @loop(
; CHECK: loop:
; CHECK-NEXT: [[X:%.*]] = phi ptr addrspace(77)
; CHECK-NEXT: [[IS:%.*]] = call i1 @cairn.ref.is.last(ptr addrspace(77) [[X]], i32 -2113798141, i32 -1)
; CHECK-NEXT: br i1 [[IS]], label %[[LAST:.*]], label %[[TAG:.*]]
; CHECK: [[TAG]]:
; CHECK-NEXT: call i8 @cairn.ref.tag(
; CHECK: br i1 %{{.*}}, label %more, label %end
; CHECK: more:
; CHECK: [[OWN:%.*]] = call ptr addrspace(77) @cairn.ref.own.tagged.cell(ptr addrspace(77) [[X]], i32 -2113798141)
; CHECK: [[LAST]]:
; CHECK-NEXT: [[ITS:%.*]] = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) [[X]], i32 -2113798141)
; CHECK: [[CELL:%.*]] = phi ptr addrspace(77) [ [[ITS]], %[[LAST]] ], [ [[OWN]], %more ]
; CHECK-NEXT: load ptr addrspace(77), ptr addrspace(77) [[CELL]]
; CHECK-NEXT: call void @cairn.ref.free.cell(ptr addrspace(77) [[CELL]])
define ptr addrspace(77) @loop(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  br label %loop
loop:
  %at = phi ptr addrspace(77) [ %x, %0 ], [ %next, %more ]
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %at)
  %wide = zext i8 %tag to i32
  %is = icmp eq i32 %wide, 2
  br i1 %is, label %more, label %end
more:
  %cell = call ptr addrspace(77) @cairn.ref.own.tagged.cell(ptr addrspace(77) %at, i32 -2113798141)
  %next = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %loop
end:
  ret ptr addrspace(77) %at
}

; Negative: the tag is needed elsewhere.
; CHECK-LABEL: @needed(
; CHECK-NOT: @cairn.ref.is.last
; CHECK: ret ptr
define ptr addrspace(77) @needed(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  br label %loop
loop:
  %at = phi ptr addrspace(77) [ %x, %0 ], [ %next, %more ]
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %at)
  %is = icmp eq i8 %tag, 2
  br i1 %is, label %more, label %end
more:
  %cell = call ptr addrspace(77) @cairn.ref.own.tagged.cell(ptr addrspace(77) %at, i32 -2113798141)
  %next = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @see(i8 %tag)
  br label %loop
end:
  ret ptr addrspace(77) %at
}

; Negative: something happens between the test and the cell.
; CHECK-LABEL: @between(
; CHECK-NOT: @cairn.ref.is.last
; CHECK: ret ptr
define ptr addrspace(77) @between(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  br label %loop
loop:
  %at = phi ptr addrspace(77) [ %x, %0 ], [ %next, %more ]
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %at)
  %is = icmp eq i8 %tag, 2
  br i1 %is, label %more, label %end
more:
  call void @see(i8 1)
  %cell = call ptr addrspace(77) @cairn.ref.own.tagged.cell(ptr addrspace(77) %at, i32 -2113798141)
  %next = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %loop
end:
  ret ptr addrspace(77) %at
}

; Negative: no loop, so that nothing says which way is taken more often.
; CHECK-LABEL: @once(
; CHECK-NOT: @cairn.ref.is.last
; CHECK: ret ptr
define ptr addrspace(77) @once(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %x)
  %is = icmp eq i8 %tag, 2
  br i1 %is, label %more, label %end
more:
  %cell = call ptr addrspace(77) @cairn.ref.own.tagged.cell(ptr addrspace(77) %x, i32 -2113798141)
  %next = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %next
end:
  ret ptr addrspace(77) %x
}

; Negative: the cell's header word has another tag than the objects that come there. What has that tag goes the other
; way.
; CHECK-LABEL: @differs(
; CHECK-NOT: @cairn.ref.is.last
; CHECK: ret ptr
define ptr addrspace(77) @differs(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  br label %loop
loop:
  %at = phi ptr addrspace(77) [ %x, %0 ], [ %next, %more ]
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %at)
  %is = icmp eq i8 %tag, 3
  br i1 %is, label %more, label %end
more:
  %cell = call ptr addrspace(77) @cairn.ref.own.tagged.cell(ptr addrspace(77) %at, i32 -2113798141)
  %next = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %loop
end:
  ret ptr addrspace(77) %at
}

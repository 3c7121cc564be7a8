; Memory that a specialised release would give back waits for an object of its class that the next round of the loop
; makes. Before a call, and where the function ends, it is given back.
; RUN: %opt -passes=cairn-tokens,verify -pass-remarks=cairn-tokens -S %s 2>%t | FileCheck %s
; RUN: FileCheck --check-prefix=REMARK %s <%t

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@pair = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
@large = internal global %cairn_type { i32 100, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @see()

; The field that the program fills is filled in both arms; the other one, of reused memory only, becomes null.
; REMARK: the memory waits for an object that is made later
; REMARK-NOT: the memory waits
; CHECK-LABEL: @reverse(
; CHECK: loop:
; CHECK: [[TOKEN:%.*]] = phi ptr addrspace(77) [ null, %{{.*}} ], [ [[NEXT:%.*]], %next ]
; CHECK: more:
; CHECK: [[ANY:%.*]] = icmp ne ptr addrspace(77) [[TOKEN]], null
; CHECK-NEXT: br i1 [[ANY]], label %again, label %fresh
; CHECK: fresh:
; CHECK-NEXT: [[NEW:%.*]] = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
; CHECK-NEXT: store ptr addrspace(77) %made, ptr addrspace(77) [[NEW]]
; CHECK-NEXT: br label %filled
; CHECK: again:
; CHECK-NEXT: [[REUSED:%.*]] = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) [[TOKEN]], i32 -2113929213, i32 -2113929213, i32 0, i1 false)
; CHECK-NEXT: [[AT:%.*]] = getelementptr inbounds i8, ptr addrspace(77) [[REUSED]], i64 8
; CHECK-NEXT: store ptr addrspace(77) null, ptr addrspace(77) [[AT]]
; CHECK-NEXT: store ptr addrspace(77) %made, ptr addrspace(77) [[REUSED]]
; CHECK: filled:
; CHECK-DAG: [[LEFT:%.*]] = phi ptr addrspace(77) [ null, %again ], [ [[TOKEN]], %fresh ]
; CHECK-DAG: [[OBJECT:%.*]] = phi ptr addrspace(77) [ [[NEW]], %fresh ], [ [[REUSED]], %again ]
; CHECK: last:
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.take.cell(
; CHECK-NEXT: call void @cairn.ref.free.cell(ptr addrspace(77) [[LEFT]])
; CHECK: [[NEXT]] = phi ptr addrspace(77) [ [[CELL]], %last ], [ [[LEFT]], %shared ]
; CHECK: end:
; CHECK-NEXT: call void @cairn.ref.free.cell(ptr addrspace(77) [[TOKEN]])
; CHECK-NEXT: ret
define ptr addrspace(77) @reverse(ptr addrspace(77) "cairn-owned" %list) nounwind "cairn-counts-inserted" {
  br label %loop
loop:
  %x = phi ptr addrspace(77) [ %list, %0 ], [ %tail, %next ]
  %made = phi ptr addrspace(77) [ null, %0 ], [ %new, %next ]
  %null = icmp eq ptr addrspace(77) %x, null
  br i1 %null, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
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

; Negative: a call lies between on each way to the allocation.
; CHECK-LABEL: @call(
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.take.cell(
; CHECK-NEXT: call void @cairn.ref.free.cell(ptr addrspace(77) [[CELL]])
; CHECK-NEXT: call void @see()
; CHECK-NEXT: call ptr addrspace(77) @cairn.ref.alloc(
define ptr addrspace(77) @call(ptr addrspace(77) "cairn-owned" %x) nounwind "cairn-counts-inserted" {
  %is = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %is, label %last, label %end
last:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @see()
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) %x
}

; Negative: an object of another class.
; CHECK-LABEL: @class(
; CHECK: call void @cairn.ref.free.cell(
; CHECK-NEXT: call ptr addrspace(77) @cairn.ref.alloc(ptr @large)
define ptr addrspace(77) @class(ptr addrspace(77) "cairn-owned" %x) nounwind "cairn-counts-inserted" {
  %is = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %is, label %last, label %end
last:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @large)
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) %x
}

; Negative: the object has no memory of that class before it is made; what follows the allocation does not count.
; CHECK-LABEL: @before(
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.take.cell(
; CHECK-NEXT: call void @cairn.ref.free.cell(ptr addrspace(77) [[CELL]])
; CHECK-NEXT: ret
define ptr addrspace(77) @before(ptr addrspace(77) "cairn-owned" %x) nounwind "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  %is = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %is, label %last, label %end
last:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %new
end:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %new
}

; A recursion whose result goes into a new object that is returned is a loop; what the next round makes goes into the
; hole.
; RUN: %opt -passes=cairn-tail,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)

; CHECK-LABEL: @list(
; CHECK: [[ROOT:%.*]] = alloca ptr addrspace(77)
; CHECK: [[N:%.*]] = phi i64 [ %n, %{{.*}} ], [ %less, %more ]
; CHECK: [[HOLE:%.*]] = phi ptr addrspace(77) [ [[FIRST:%.*]], %{{.*}} ], [ %next.hole, %more ]
; CHECK: store i64 [[N]]
; CHECK: store ptr addrspace(77) %new, ptr addrspace(77) [[HOLE]]
; CHECK-NOT: call ptr addrspace(77) @list
; CHECK: store ptr addrspace(77) null, ptr addrspace(77) [[HOLE]]
; CHECK: [[MADE:%.*]] = load ptr addrspace(77), ptr addrspace(77) [[FIRST]]
; CHECK: ret ptr addrspace(77) [[MADE]]
define ptr addrspace(77) @list(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @list(i64 %less)
  %key = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %n, ptr addrspace(77) %key
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

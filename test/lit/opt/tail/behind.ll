; What stands behind the call and may not run before it leaves the recursion as it is.
; RUN: %opt -passes=cairn-tail,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)

declare void @cairn.ref.decref(ptr addrspace(77))

; Negative: the call may end the program, and the division by zero would never be reached.
; CHECK-LABEL: @division(
; CHECK: call ptr addrspace(77) @division(
; CHECK-NEXT: sdiv
define ptr addrspace(77) @division(i64 %n, i64 %by) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @division(i64 %less, i64 %by)
  %quotient = sdiv i64 100, %by
  %key = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %quotient, ptr addrspace(77) %key
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

; Negative: a release.
; CHECK-LABEL: @release(
; CHECK: call ptr addrspace(77) @release(
define ptr addrspace(77) @release(ptr addrspace(77) "cairn-owned" %x, i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @release(ptr addrspace(77) null, i64 %less)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) %x
}

; Negative: it may throw.
; CHECK-LABEL: @throws(
; CHECK: call ptr addrspace(77) @throws(
define ptr addrspace(77) @throws(i64 %n) "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @throws(i64 %less)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

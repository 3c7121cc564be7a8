; The object that gets the result need not be what is returned, and what is made behind several ways is made for each.
; RUN: %opt -passes=cairn-tail,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)

; return outer(inner(f(n - 1))): the hole is in the inner object.
; CHECK-LABEL: @nested(
; CHECK: more:
; CHECK: store ptr addrspace(77) %inner, ptr addrspace(77) %outer
; CHECK: store ptr addrspace(77) %outer, ptr addrspace(77) %hole
; CHECK-NEXT: %next.hole = getelementptr inbounds i8, ptr addrspace(77) %inner, i64 8
; CHECK-NEXT: br label
define ptr addrspace(77) @nested(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @nested(i64 %less)
  %inner = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %field = getelementptr inbounds i8, ptr addrspace(77) %inner, i64 8
  store ptr addrspace(77) %rest, ptr addrspace(77) %field
  %outer = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %inner, ptr addrspace(77) %outer
  ret ptr addrspace(77) %outer
end:
  ret ptr addrspace(77) null
}

; The object is made where ways with and without the call meet: it is made on each.
; CHECK-LABEL: @joined(
; CHECK: more:
; CHECK: store ptr addrspace(77) %new{{.*}}, ptr addrspace(77) %hole
; CHECK-NOT: call ptr addrspace(77) @joined
; CHECK: ret ptr addrspace(77)
define ptr addrspace(77) @joined(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %join, label %more
more:
  %less = sub i64 %n, 1
  %made = call ptr addrspace(77) @joined(i64 %less)
  br label %join
join:
  %rest = phi ptr addrspace(77) [ null, %0 ], [ %made, %more ]
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; A call whose result is returned as it is goes on with the same hole.
; CHECK-LABEL: @skipping(
; CHECK-NOT: call ptr addrspace(77) @skipping
; CHECK: ret ptr addrspace(77)
define ptr addrspace(77) @skipping(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %some
some:
  %less = sub i64 %n, 1
  %odd = trunc i64 %n to i1
  br i1 %odd, label %skip, label %more
skip:
  %same = call ptr addrspace(77) @skipping(i64 %less)
  ret ptr addrspace(77) %same
more:
  %rest = call ptr addrspace(77) @skipping(i64 %less)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

; Negative: what is made where the ways meet is too much to be made on each.
; CHECK-LABEL: @much(
; CHECK: call ptr addrspace(77) @much
define ptr addrspace(77) @much(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %join, label %more
more:
  %less = sub i64 %n, 1
  %made = call ptr addrspace(77) @much(i64 %less)
  br label %join
join:
  %rest = phi ptr addrspace(77) [ null, %0 ], [ %made, %more ]
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %a1 = xor i64 %n, 1
  %a2 = mul i64 %a1, 3
  %a3 = xor i64 %a2, 3
  %a4 = mul i64 %a3, 5
  %a5 = xor i64 %a4, 5
  %a6 = mul i64 %a5, 7
  %a7 = xor i64 %a6, 7
  %a8 = mul i64 %a7, 9
  %a9 = xor i64 %a8, 9
  %b1 = mul i64 %a9, 11
  %b2 = xor i64 %b1, 11
  %b3 = mul i64 %b2, 13
  %b4 = xor i64 %b3, 13
  %b5 = mul i64 %b4, 15
  %b6 = xor i64 %b5, 15
  %b7 = mul i64 %b6, 17
  %b8 = xor i64 %b7, 17
  %b9 = mul i64 %b8, 19
  %c1 = xor i64 %b9, 19
  %c2 = mul i64 %c1, 21
  %c3 = xor i64 %c2, 21
  %c4 = mul i64 %c3, 23
  %c5 = xor i64 %c4, 23
  %c6 = mul i64 %c5, 25
  %c7 = xor i64 %c6, 25
  %c8 = mul i64 %c7, 27
  %c9 = xor i64 %c8, 27
  %d1 = mul i64 %c9, 29
  %d2 = xor i64 %d1, 29
  %d3 = mul i64 %d2, 31
  %key = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %d3, ptr addrspace(77) %key
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

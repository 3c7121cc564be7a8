; Functions that call each other in turn, and put the result into a new object, get the place of their result as a
; parameter: the calls between them are jumps.
; RUN: %opt -passes=cairn-tail,verify -pass-remarks=cairn-tail -pass-remarks-missed=cairn-tail -S %s 2>&1 | FileCheck %s
; RUN: sed s/x86_64-unknown-linux-gnu/wasm32-unknown-unknown/ %s | %opt -passes=cairn-tail,verify -S \
; RUN:   | FileCheck %s --check-prefix=WASM

; CHECK: remark: {{.*}}the call of odd is a jump
; CHECK: remark: {{.*}}the call stays a recursion: weak cannot be given the place of its result

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)

; WASM-NOT: tailcc

; CHECK-LABEL: define ptr addrspace(77) @even(i64 %n)
; CHECK: [[ROOT:%.*]] = alloca ptr addrspace(77)
; CHECK: call tailcc void @even.hole(i64 %n, ptr addrspace(77) %root.hole)
; CHECK: %made = load ptr addrspace(77), ptr addrspace(77) %root.hole
; CHECK: ret ptr addrspace(77) %made
; CHECK-LABEL: define internal tailcc void @even.hole(i64 %n, ptr addrspace(77) %hole)
; CHECK: store ptr addrspace(77) %new, ptr addrspace(77) %hole
; CHECK: musttail call tailcc void @odd.hole(i64 %less, ptr addrspace(77) %next.hole)
; CHECK-NEXT: ret void
; CHECK: store ptr addrspace(77) null, ptr addrspace(77) %hole
; CHECK-NEXT: ret void
define ptr addrspace(77) @even(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @odd(i64 %less)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

; Its call of itself is a loop, and one whose result is returned as it is passes its own hole on.
; CHECK-LABEL: define internal tailcc void @odd.hole(i64 %n, ptr addrspace(77) %hole)
; CHECK: phi ptr addrspace(77) [ %hole, %entry ]
; CHECK-NOT: call ptr addrspace(77) @odd
; CHECK: musttail call tailcc void @even.hole(i64 %n{{.*}}, ptr addrspace(77) %hole
define internal ptr addrspace(77) @odd(i64 %n) nounwind "cairn-counts-inserted" {
  %small = icmp slt i64 %n, 9
  br i1 %small, label %same, label %more
more:
  %less = sub i64 %n, 7
  %rest = call ptr addrspace(77) @odd(i64 %less)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
same:
  %other = call ptr addrspace(77) @even(i64 %n)
  ret ptr addrspace(77) %other
}

; Negative: another definition may take the place of this one, and gets no place.
; CHECK-LABEL: define weak ptr addrspace(77) @weak(
; CHECK: call ptr addrspace(77) @other(
define weak ptr addrspace(77) @weak(i64 %n) nounwind "cairn-counts-inserted" {
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @other(i64 %less)
  ret ptr addrspace(77) %rest
}
; CHECK-LABEL: define ptr addrspace(77) @other(
; CHECK: call ptr addrspace(77) @weak(
define ptr addrspace(77) @other(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @weak(i64 %less)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

; An object that others know, or whose field is used again, keeps the recursion: they would see it before it is finished.
; RUN: %opt -passes=cairn-tail,verify -pass-remarks-missed=cairn-tail -S %s 2>&1 | FileCheck %s

; CHECK: the call stays a recursion: another function may know the object that gets its result

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
@first = internal global ptr addrspace(77) null

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @look(ptr addrspace(77)) nounwind

; Negative: it is in a global.
; CHECK-LABEL: @global(
; CHECK: call ptr addrspace(77) @global(
define ptr addrspace(77) @global(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  call void @cairn.ref.incref(ptr addrspace(77) %new)
  store ptr addrspace(77) %new, ptr @first
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @global(i64 %less)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

; Negative: it is in an object that is in a global.
; CHECK-LABEL: @inside(
; CHECK: call ptr addrspace(77) @inside(
define ptr addrspace(77) @inside(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %outer = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %new, ptr addrspace(77) %outer
  call void @cairn.ref.incref(ptr addrspace(77) %outer)
  store ptr addrspace(77) %outer, ptr @first
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @inside(i64 %less)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %outer
end:
  ret ptr addrspace(77) null
}

; Negative: the recursion itself gets it.
; CHECK-LABEL: @passed(
; CHECK: call ptr addrspace(77) @passed(
define ptr addrspace(77) @passed(i64 %n, ptr addrspace(77) %last) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @passed(i64 %less, ptr addrspace(77) %new)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
end:
  call void @look(ptr addrspace(77) %last)
  ret ptr addrspace(77) null
}

; Negative: another object, which is read behind the call, is known.
; CHECK-LABEL: @read(
; CHECK: call ptr addrspace(77) @read(
define ptr addrspace(77) @read(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %shared = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %shared, ptr @first
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @read(i64 %less)
  %count = getelementptr inbounds i8, ptr addrspace(77) %shared, i64 16
  %v = load i64, ptr addrspace(77) %count
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %key = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %v, ptr addrspace(77) %key
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

; Negative: the field is read again.
; CHECK-LABEL: @again(
; CHECK: call ptr addrspace(77) @again(
define ptr addrspace(77) @again(i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %less = sub i64 %n, 1
  %rest = call ptr addrspace(77) @again(i64 %less)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  %v = load i64, ptr addrspace(77) %new
  %key = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %v, ptr addrspace(77) %key
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

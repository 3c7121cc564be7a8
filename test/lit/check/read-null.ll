; A field of a new object was null when it was read, and still is when others have seen the object, as
; long as nothing may have written to it. So its cell has no unit there for anybody to lose.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@offsets = internal constant [1 x i32] [i32 0]
@pair = internal constant %type { i32 16, i16 8, i16 1, i32 -2113929215, i32 0, ptr @offsets, ptr null, ptr null }
@kept = external global ptr addrspace(77)
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @reads(ptr addrspace(77)) memory(read)
declare void @writes(ptr addrspace(77))

define ptr addrspace(77) @good_reads() {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  %v = load ptr addrspace(77), ptr addrspace(77) %p
  call void @reads(ptr addrspace(77) %p)
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %p, i32 -2113929215, i32 -16711681)
  br i1 %last, label %yes, label %no
yes:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %p, i32 -2113929215)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %v
no:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret ptr addrspace(77) %v
}

; Negative: the call may store something there.
; CHECK: bad_writes: lost unit: what a field of %cell refers to is lost
define ptr addrspace(77) @bad_writes() {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  %v = load ptr addrspace(77), ptr addrspace(77) %p
  call void @writes(ptr addrspace(77) %p)
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %p, i32 -2113929215, i32 -16711681)
  br i1 %last, label %yes, label %no
yes:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %p, i32 -2113929215)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %v
no:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret ptr addrspace(77) %v
}

; The same of a store of zeros, which LLVM makes of stores of null. The old value is not read again.
define void @good_filled() {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  call void @llvm.memset.p77.i64(ptr addrspace(77) %p, i8 0, i64 16, i1 false)
  call void @reads(ptr addrspace(77) %p)
  store ptr addrspace(77) null, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; CHECK: bad_filled: old value lost
define void @bad_filled() {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  call void @llvm.memset.p77.i64(ptr addrspace(77) %p, i8 0, i64 16, i1 false)
  call void @writes(ptr addrspace(77) %p)
  store ptr addrspace(77) null, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

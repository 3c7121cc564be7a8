; Where the object is the last reference its field is not counted: it goes to the function with the cell of
; the object. Where others have references to it, the counts are those that were written.
; RUN: %opt -passes=cairn-specialise,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-specialise,cairn-certify -disable-output %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@first = internal constant [1 x i32] [i32 0]
@both = internal constant [2 x i32] [i32 0, i32 8]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }
@tree = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; The module makes lists.
define ptr addrspace(77) @list_of(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %x, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; CHECK-LABEL: @rest(
; CHECK: [[NEXT:%.*]] = load ptr addrspace(77), ptr addrspace(77) %x
; CHECK-NEXT: [[LAST:%.*]] = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929215, i32 -16711681)
; CHECK-NEXT: br i1 [[LAST]], label %[[UNIQUE:.*]], label %[[SHARED:.*]]
; CHECK: [[UNIQUE]]:
; CHECK-NEXT: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929215)
; CHECK-NEXT: call void @cairn.ref.free.cell(ptr addrspace(77) [[CELL]])
; CHECK-NEXT: br
; CHECK: [[SHARED]]:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) [[NEXT]])
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %x)
; CHECK: ret ptr addrspace(77) [[NEXT]]
define ptr addrspace(77) @rest(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
}

; Negative: an object whose fields nobody goes on with is released as it was.
; CHECK-LABEL: @drop(
; CHECK-NOT: is.last
; CHECK: ret void
define void @drop(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: a field of another object.
; CHECK-LABEL: @other(
; CHECK-NOT: is.last
; CHECK: ret ptr addrspace(77)
define ptr addrspace(77) @other(ptr addrspace(77) %y, ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %y
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
}

; Negative: counts that the frontend wrote are its own.
; CHECK-LABEL: @uncounted(
; CHECK-NOT: is.last
; CHECK: ret ptr
define ptr @uncounted(ptr %x) {
  %next = load ptr, ptr %x
  ret ptr %next
}

; Where a retain of a field meets the release of the same reference, both go; on other paths it comes
; where the count is needed.
; RUN: %opt -passes=cairn-sink-retains,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-sink-retains,cairn-certify -disable-output %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@first = internal constant [1 x i32] [i32 0]
@both = internal constant [2 x i32] [i32 0, i32 8]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }
@tree = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))

; CHECK-LABEL: @arms(
; CHECK: load ptr addrspace(77)
; CHECK-NOT: call void @cairn.ref
; CHECK: br i1
; CHECK: look:
; CHECK-NEXT: load i64
; CHECK-NEXT: ret i64
; CHECK: give:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: call void @own(ptr addrspace(77) %left)
declare void @own(ptr addrspace(77) "cairn-owned")
define i64 @arms(ptr addrspace(77) %x, i1 %c) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %left)
  br i1 %c, label %look, label %give
look:
  %n = load i64, ptr addrspace(77) %left
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret i64 %n
give:
  call void @own(ptr addrspace(77) %left)
  ret i64 0
}

; Where several paths have met again.
; CHECK-LABEL: @join(
; CHECK-NOT: call void @cairn.ref
; CHECK: ret i64
define i64 @join(ptr addrspace(77) %x, i1 %c) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  br i1 %c, label %a, label %b
a:
  %n = load i64, ptr addrspace(77) %left
  br label %out
b:
  br label %out
out:
  %m = phi i64 [ %n, %a ], [ 0, %b ]
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret i64 %m
}

; An object that the function owns, as long as it is not released: another path releases it later.
; CHECK-LABEL: @owned(
; CHECK-NOT: call void @cairn.ref.incref
; CHECK: ret i64
define i64 @owned(ptr addrspace(77) "cairn-owned" %x, i1 %c) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  %n = load i64, ptr addrspace(77) %left
  br i1 %c, label %a, label %b
a:
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 %n
b:
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 0
}

; Negative: nothing is gained where every path needs the count.
; CHECK-LABEL: @always(
; CHECK: load ptr addrspace(77)
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: br
define void @always(ptr addrspace(77) %x, i1 %c) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  br i1 %c, label %a, label %b
a:
  call void @own(ptr addrspace(77) %left)
  ret void
b:
  call void @own(ptr addrspace(77) %left)
  ret void
}

; A try form gives null instead of failing; its null fields are stored only if there is
; an object.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@fields = internal constant [1 x i32] [i32 0]
@node = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }

declare ptr @cairn.try.alloc(ptr)
declare ptr @cairn.try.alloc.bytes(i64)
declare ptr @cairn.try.alloc.array(ptr, i64)

; CHECK-LABEL: define ptr @typed(
; CHECK: [[R:%.*]] = call preserve_mostcc ptr @cairn_rt_take_slot.eager(i64 noundef 72, ptr noundef null)
; CHECK: [[NULL:%.*]] = icmp eq ptr [[R]], null
; CHECK: br i1 [[NULL]], label %[[OUT:.*]], label %[[SET:.*]]{{$}}
; CHECK: [[SET]]:
; CHECK: store i64
; CHECK: store ptr null
; CHECK: [[OUT]]:
; CHECK-NOT: store
define ptr @typed() {
  %p = call ptr @cairn.try.alloc(ptr @node)
  ret ptr %p
}

; CHECK-LABEL: define ptr @bytes(
; CHECK: @cairn_rt_take_slot.eager(i64 noundef 72, ptr noundef null)
define ptr @bytes() {
  %p = call ptr @cairn.try.alloc.bytes(i64 16)
  ret ptr %p
}

; CHECK-LABEL: define ptr @variable(
; CHECK-NEXT: call ptr @cairn_rt_try_alloc_bytes(i64 noundef %n, ptr noundef null)
define ptr @variable(i64 %n) {
  %p = call ptr @cairn.try.alloc.bytes(i64 %n)
  ret ptr %p
}

; CHECK-LABEL: define ptr @array(
; CHECK-NEXT: call ptr @cairn_rt_try_alloc_array(ptr noundef {{(nonnull )?}}@node, i64 noundef %n, ptr noundef null)
define ptr @array(i64 %n) {
  %p = call ptr @cairn.try.alloc.array(ptr @node, i64 %n)
  ret ptr %p
}

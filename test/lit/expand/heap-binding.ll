; Bound to a heap, an allocation looks for the thread's cache of that heap by its
; address, and hands the heap to the slow path. A release needs no binding.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@leaf = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

declare ptr @cairn.malloc(i64)
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.bytes(i64)
declare void @cairn.free(ptr)
declare ptr @cairn_heap_alloc(ptr, ptr)

; CHECK-LABEL: define ptr @static(
; CHECK: @cairn_rt_bins.eager(ptr noundef {{(nonnull )?}}@cairn_default_heap_object)
; CHECK: @cairn_rt_take_slot.eager(i64 noundef 4, ptr noundef {{(nonnull )?}}@cairn_default_heap_object)
define ptr @static() "cairn-heap"="static" {
  %p = call ptr @cairn.malloc(i64 48)
  ret ptr %p
}

; CHECK-LABEL: define ptr @argument(
; CHECK: @cairn_rt_bins.eager(ptr noundef %heap)
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 72, ptr noundef %heap)
define ptr @argument(i64 %n, ptr %heap) "cairn-heap"="argument" "cairn-heap-argument"="1" {
  %p = call ptr @cairn.alloc(ptr @leaf)
  ret ptr %p
}

; CHECK-LABEL: define ptr @argument_variable(
; CHECK: call ptr @cairn_rt_alloc_bytes(i64 noundef %n, ptr noundef %heap)
define ptr @argument_variable(i64 %n, ptr %heap) "cairn-heap"="argument" "cairn-heap-argument"="1" {
  %p = call ptr @cairn.alloc.bytes(i64 %n)
  ret ptr %p
}

; CHECK-LABEL: define ptr @by_name(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 72, ptr noundef %heap)
define ptr @by_name(ptr %heap) {
  %p = call ptr @cairn_heap_alloc(ptr %heap, ptr @leaf)
  ret ptr %p
}

; Negative.
; CHECK-LABEL: define void @release(
; CHECK-NOT: heap
; CHECK: ret void
define void @release(ptr %p) "cairn-heap"="static" {
  call void @cairn.free(ptr %p)
  ret void
}

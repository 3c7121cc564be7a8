; The binding belongs to the function that a call was written in: it becomes the
; call's operand before anything is inlined.
; RUN: %opt -passes=cairn-import -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

@my_heap = external global i8

declare ptr @cairn.malloc(i64)
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.tagged(ptr, i8)
declare void @cairn.free(ptr)

; CHECK: @cairn_default_heap_object = external global i8

; CHECK-LABEL: define ptr @thread(
; CHECK: call ptr @cairn.malloc(i64 8)
define ptr @thread() "cairn-heap"="thread" {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}

; CHECK-LABEL: define ptr @static(
; CHECK: call ptr @cairn.heap.malloc(ptr @cairn_default_heap_object, i64 8)
define ptr @static() "cairn-heap"="static" {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}

; CHECK-LABEL: define ptr @named(
; CHECK: call ptr @cairn.heap.alloc.tagged(ptr @my_heap, ptr %t, i8 1)
define ptr @named(ptr %t) "cairn-heap"="static" "cairn-heap-symbol"="my_heap" {
  %p = call ptr @cairn.alloc.tagged(ptr %t, i8 1)
  ret ptr %p
}

; CHECK-LABEL: define ptr @argument(
; CHECK: call ptr @cairn.heap.alloc(ptr %heap, ptr %t)
; Negative: a release finds the heap by itself.
; CHECK: call void @cairn.free(ptr %q)
define ptr @argument(ptr %t, ptr %heap, ptr %q) "cairn-heap"="argument" "cairn-heap-argument"="1" {
  %p = call ptr @cairn.alloc(ptr %t)
  call void @cairn.free(ptr %q)
  ret ptr %p
}

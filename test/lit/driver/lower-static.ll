; --heap=static binds what has no binding of its own.
;
; RUN: %cairn lower --heap=static %s | FileCheck %s
;
; CHECK-LABEL: define ptr @default(
; CHECK: @cairn_default_heap_object
; CHECK-LABEL: define ptr @thread(
; CHECK-NOT: @cairn_default_heap_object
; CHECK: ret ptr

declare ptr @cairn.malloc(i64)

define ptr @default() {
  %p = call ptr @cairn.malloc(i64 48)
  ret ptr %p
}

define ptr @thread() "cairn-heap"="thread" {
  %p = call ptr @cairn.malloc(i64 48)
  ret ptr %p
}

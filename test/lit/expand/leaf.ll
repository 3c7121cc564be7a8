; The drop of an object without managed fields is a push, if it is seen where the
; object was made. Where that was in a heap that is given, its slab is looked up (own.ll has
; the thread's).
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@fields = internal constant [1 x i32] [i32 0]
@leaf = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
@node = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@final = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @finish, ptr null }

declare void @finish(ptr)
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.heap.alloc(ptr, ptr)
declare ptr @cairn.heap.alloc.bytes(ptr, i64)
declare void @cairn.decref(ptr)
declare void @use(ptr)

; CHECK-LABEL: define void @drop_leaf(
; CHECK: call void @use
; CHECK: @cairn_rt_table
; CHECK: @cairn_rt_credit
define void @drop_leaf(ptr %heap) {
  %p = call ptr @cairn.heap.alloc(ptr %heap, ptr @leaf)
  call void @use(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}

; CHECK-LABEL: define void @drop_bytes(
; CHECK: call void @use
; CHECK: @cairn_rt_table
define void @drop_bytes(ptr %heap) {
  %p = call ptr @cairn.heap.alloc.bytes(ptr %heap, i64 10)
  call void @use(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}

; Negatives: there is something to release, to run, or nothing is known.
; CHECK-LABEL: define void @drop_node(
; CHECK-NOT: @cairn_rt_table
; CHECK-LABEL: define void @drop_final(
; CHECK-NOT: @cairn_rt_table
; CHECK-LABEL: define void @drop_parameter(
; CHECK-NOT: @cairn_rt_table
define void @drop_node() {
  %p = call ptr @cairn.alloc(ptr @node)
  call void @use(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}
define void @drop_final() {
  %p = call ptr @cairn.alloc(ptr @final)
  call void @use(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}
define void @drop_parameter(ptr nonnull %p) {
  call void @cairn.decref(ptr %p)
  ret void
}

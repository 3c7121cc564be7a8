; What a function frees after it took it from the thread's heap is that thread's: the free
; is a push on the bin's stack, and no slab is looked up.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_
; RUN: opt -load-pass-plugin=%plugin -passes=cairn-lower -mtriple=wasm32-unknown-unknown -disable-output %s 2>&1 | count 0

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@leaf = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

declare ptr @cairn.malloc(i64)
declare ptr @cairn.heap.malloc(ptr, i64)
declare void @cairn.free(ptr)
declare void @cairn.free.sized(ptr, i64)
declare ptr @cairn.alloc(ptr)
declare void @cairn.decref(ptr)
declare void @use(ptr)

; The null test of malloc's result stays off the fast path.
; CHECK-LABEL: define void @free(
; CHECK: call void @use
; CHECK-NOT: @cairn_rt_table
; CHECK: getelementptr [[INBOUNDS]] i8, ptr {{.*}}, i64 64
; CHECK-NOT: @cairn_rt_table
; CHECK: call preserve_mostcc void @cairn_rt_free_own.eager(
define void @free() {
  %p = call ptr @cairn.malloc(i64 48)
  call void @use(ptr %p)
  call void @cairn.free(ptr %p)
  ret void
}

; CHECK-LABEL: define void @sized(
; CHECK-NOT: @cairn_rt_table
; CHECK: call preserve_mostcc void @cairn_rt_free_own.eager(
define void @sized() {
  %p = call ptr @cairn.malloc(i64 48)
  call void @use(ptr %p)
  call void @cairn.free.sized(ptr %p, i64 41)
  ret void
}

; CHECK-LABEL: define void @drop(
; CHECK-NOT: @cairn_rt_table
; CHECK: call preserve_mostcc void @cairn_rt_decref.eager(
define void @drop() {
  %p = call ptr @cairn.alloc(ptr @leaf)
  call void @use(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}

; Negatives: a size of another class (the cold path reports it), a size that is not known,
; another heap, a block that may be another function's, and a coroutine, which may go on in
; another thread.
; CHECK-LABEL: define void @wrong_size(
; CHECK: @cairn_rt_table
; CHECK: call preserve_mostcc void @cairn_rt_free_sized.eager(
define void @wrong_size() {
  %p = call ptr @cairn.malloc(i64 48)
  call void @use(ptr %p)
  call void @cairn.free.sized(ptr %p, i64 64)
  ret void
}
; CHECK-LABEL: define void @any_size(
; CHECK: @cairn_rt_table
define void @any_size(i64 %n) {
  %p = call ptr @cairn.malloc(i64 %n)
  call void @use(ptr %p)
  call void @cairn.free(ptr %p)
  ret void
}
; CHECK-LABEL: define void @other_heap(
; CHECK: @cairn_rt_table
define void @other_heap(ptr %heap) {
  %p = call ptr @cairn.heap.malloc(ptr %heap, i64 48)
  call void @use(ptr %p)
  call void @cairn.free(ptr %p)
  ret void
}
; CHECK-LABEL: define void @either(
; CHECK: @cairn_rt_table
define void @either(i1 %mine, ptr %q) {
  %p = call ptr @cairn.malloc(i64 48)
  call void @use(ptr %p)
  %r = select i1 %mine, ptr %p, ptr %q
  call void @cairn.free(ptr %r)
  ret void
}
; CHECK-LABEL: define void @coroutine(
; CHECK: @cairn_rt_table
define void @coroutine() presplitcoroutine {
  %p = call ptr @cairn.malloc(i64 48)
  call void @use(ptr %p)
  call void @cairn.free(ptr %p)
  ret void
}

; A null that the program overwrites is not stored, even with other allocations in
; between: they do not see a new object.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@fields = internal constant [2 x i32] [i32 0, i32 8]
@node = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @fields, ptr null, ptr null }

declare ptr @cairn.alloc(ptr)
declare void @use(ptr)

; CHECK-LABEL: define ptr @both(
; CHECK-NOT: store ptr null
; CHECK: store ptr %l
; CHECK-NOT: store ptr null
; CHECK: store ptr %r
define ptr @both(ptr %l, ptr %r) {
  %p = call ptr @cairn.alloc(ptr @node)
  store ptr %l, ptr %p
  %f = getelementptr i8, ptr %p, i64 8
  store ptr %r, ptr %f
  ret ptr %p
}

; CHECK-LABEL: define ptr @chain(
; CHECK: @cairn_rt_take_slot_or_fail
; CHECK: store ptr null
; CHECK: @cairn_rt_take_slot_or_fail
; CHECK: store ptr null
; CHECK: store ptr null
; CHECK-NOT: store ptr null
define ptr @chain() {
  %p = call ptr @cairn.alloc(ptr @node)
  %q = call ptr @cairn.alloc(ptr @node)
  store ptr %q, ptr %p
  ret ptr %p
}

; Negative: what sees the object sees null in it.
; CHECK-LABEL: define ptr @seen(
; CHECK-COUNT-2: store ptr null
; CHECK: call void @use
; CHECK: store ptr %l
define ptr @seen(ptr %l) {
  %p = call ptr @cairn.alloc(ptr @node)
  call void @use(ptr %p)
  store ptr %l, ptr %p
  ret ptr %p
}

; One store may write both, and what follows it may see the object.
; CHECK-LABEL: define ptr @wide(
; CHECK-NOT: store ptr null
; CHECK: store <2 x ptr>
; CHECK-NEXT: call void @use
define ptr @wide(<2 x ptr> %fields) {
  %p = call ptr @cairn.alloc(ptr @node)
  store <2 x ptr> %fields, ptr %p
  call void @use(ptr %p)
  ret ptr %p
}

; A fill is such a store, where it is long enough.
; CHECK-LABEL: define ptr @fill(
; CHECK-NOT: store ptr null
; CHECK: call void @llvm.memset
; CHECK-NEXT: call void @use
define ptr @fill() {
  %p = call ptr @cairn.alloc(ptr @node)
  call void @llvm.memset.p0.i64(ptr %p, i8 0, i64 16, i1 false)
  call void @use(ptr %p)
  ret ptr %p
}

; CHECK-LABEL: define ptr @fill_less(
; CHECK: store ptr null
; CHECK: call void @llvm.memset
define ptr @fill_less() {
  %p = call ptr @cairn.alloc(ptr @node)
  call void @llvm.memset.p0.i64(ptr %p, i8 0, i64 15, i1 false)
  call void @use(ptr %p)
  ret ptr %p
}
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)

; In another block, on every way.
; CHECK-LABEL: define ptr @later(
; CHECK-NOT: store ptr null
; CHECK: ret ptr
define ptr @later(ptr %l, ptr %r, i1 %swap) {
  %p = call ptr @cairn.alloc(ptr @node)
  %f = getelementptr i8, ptr %p, i64 8
  br i1 %swap, label %yes, label %no
yes:
  store ptr %r, ptr %p
  store ptr %l, ptr %f
  ret ptr %p
no:
  store ptr %l, ptr %p
  store ptr %r, ptr %f
  ret ptr %p
}

; Negative: one of the two; an object that others know.
; CHECK-LABEL: define ptr @one(
; CHECK: store ptr null
; CHECK-NOT: store ptr null
; CHECK: store ptr %r
define ptr @one(ptr %r) {
  %p = call ptr @cairn.alloc(ptr @node)
  %f = getelementptr i8, ptr %p, i64 8
  store ptr %r, ptr %f
  ret ptr %p
}

; CHECK-LABEL: define void @published(
; CHECK: store ptr null
; CHECK: store ptr {{.*}}, ptr %to
; CHECK: call void @use(ptr null)
; CHECK: store ptr %l
define void @published(ptr %to, ptr %l) {
  %p = call ptr @cairn.alloc(ptr @node)
  store ptr %p, ptr %to
  call void @use(ptr null)
  %f = getelementptr i8, ptr %p, i64 8
  store ptr %l, ptr %f
  ret void
}

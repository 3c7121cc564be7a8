; Stores into it go with it, but for a managed reference: the drop would release that.
; RUN: %opt -passes=cairn-elide -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@fields = internal constant [1 x i32] [i32 8]
@leaf = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
@pair = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@final = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @finish, ptr null }
@elsewhere = external global %cairn_type

declare void @finish(ptr)
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.try.alloc(ptr)
declare ptr @cairn.alloc.bytes(i64)
declare ptr @cairn.alloc.array(ptr, i64)
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare void @cairn.set.tag(ptr, i8)
declare i8 @cairn.tag(ptr)
declare i1 @cairn.is.unique(ptr)
declare void @use(ptr)

; CHECK-LABEL: define void @plain_and_null(
; CHECK-NEXT: ret void
define void @plain_and_null(i64 %x) {
  %p = call ptr @cairn.alloc(ptr @pair)
  store i64 %x, ptr %p
  %f = getelementptr i8, ptr %p, i64 8
  store ptr null, ptr %f
  call void @cairn.decref(ptr %p)
  ret void
}

; Negative: the child is owned by the object.
; CHECK-LABEL: define void @child(
; CHECK: call ptr @cairn.alloc
; CHECK: call void @cairn.decref
define void @child(ptr %c) {
  %p = call ptr @cairn.alloc(ptr @pair)
  %f = getelementptr i8, ptr %p, i64 8
  store ptr %c, ptr %f
  call void @cairn.decref(ptr %p)
  ret void
}

; Negative: a wide store that covers the field.
; CHECK-LABEL: define void @wide(
; CHECK: call ptr @cairn.alloc
define void @wide(<2 x i64> %v) {
  %p = call ptr @cairn.alloc(ptr @pair)
  store <2 x i64> %v, ptr %p
  call void @cairn.decref(ptr %p)
  ret void
}

; Negative: a store to who knows where in it.
; CHECK-LABEL: define void @variable(
; CHECK: call ptr @cairn.alloc
define void @variable(i64 %i, i64 %x) {
  %p = call ptr @cairn.alloc(ptr @pair)
  %f = getelementptr i64, ptr %p, i64 %i
  store i64 %x, ptr %f
  call void @cairn.decref(ptr %p)
  ret void
}

; Negative: a volatile store is seen.
; CHECK-LABEL: define void @volatile(
; CHECK: call ptr @cairn.alloc
define void @volatile() {
  %p = call ptr @cairn.alloc(ptr @leaf)
  store volatile i64 0, ptr %p
  call void @cairn.decref(ptr %p)
  ret void
}

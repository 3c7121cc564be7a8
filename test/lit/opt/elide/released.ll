; An object that is only counted, tagged, written into and released was never needed.
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

; CHECK-LABEL: define void @typed(
; CHECK-NEXT: ret void
define void @typed() {
  %p = call ptr @cairn.alloc(ptr @leaf)
  call void @cairn.set.tag(ptr %p, i8 1)
  call void @cairn.incref(ptr %p)
  call void @cairn.decref(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}

; CHECK-LABEL: define void @bytes(
; CHECK-NEXT: ret void
define void @bytes(i64 %n) {
  %p = call ptr @cairn.alloc.bytes(i64 %n)
  call void @llvm.memset.p0.i64(ptr %p, i8 1, i64 %n, i1 false)
  call void @cairn.decref(ptr %p)
  ret void
}

; CHECK-LABEL: define void @raw(
; CHECK-NEXT: ret void
define void @raw() {
  %p = call ptr @cairn.malloc(i64 8)
  store i64 1, ptr %p
  call void @cairn.free(ptr %p)
  ret void
}

; On one path only: the others never saw it.
; CHECK-LABEL: define void @branches(
; CHECK-NOT: cairn
; CHECK: ret void
define void @branches(i1 %c) {
  %p = call ptr @cairn.alloc(ptr @leaf)
  br i1 %c, label %a, label %b
a:
  call void @cairn.decref(ptr %p)
  ret void
b:
  call void @cairn.incref(ptr %p)
  call void @cairn.decref(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}

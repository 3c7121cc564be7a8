; Negatives: what observes an object keeps it.
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

; CHECK-LABEL: define void @finaliser(
; CHECK: call ptr @cairn.alloc(ptr @final)
define void @finaliser() {
  %p = call ptr @cairn.alloc(ptr @final)
  call void @cairn.decref(ptr %p)
  ret void
}

; CHECK-LABEL: define void @unknown_type(
; CHECK: call ptr @cairn.alloc(ptr @elsewhere)
define void @unknown_type() {
  %p = call ptr @cairn.alloc(ptr @elsewhere)
  call void @cairn.decref(ptr %p)
  ret void
}

; CHECK-LABEL: define void @passed(
; CHECK: call ptr @cairn.alloc(ptr @leaf)
define void @passed() {
  %p = call ptr @cairn.alloc(ptr @leaf)
  call void @use(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}

; CHECK-LABEL: define void @stored(
; CHECK: call ptr @cairn.alloc(ptr @leaf)
define void @stored(ptr %where) {
  %p = call ptr @cairn.alloc(ptr @leaf)
  store ptr %p, ptr %where
  ret void
}

; CHECK-LABEL: define i64 @loaded(
; CHECK: call ptr @cairn.alloc(ptr @leaf)
define i64 @loaded() {
  %p = call ptr @cairn.alloc(ptr @leaf)
  %x = load i64, ptr %p
  call void @cairn.decref(ptr %p)
  ret i64 %x
}

; CHECK-LABEL: define i1 @counted(
; CHECK: call ptr @cairn.alloc(ptr @leaf)
define i1 @counted() {
  %p = call ptr @cairn.alloc(ptr @leaf)
  %u = call i1 @cairn.is.unique(ptr %p)
  call void @cairn.decref(ptr %p)
  ret i1 %u
}

; CHECK-LABEL: define void @joined(
; CHECK: call ptr @cairn.alloc(ptr @leaf)
define void @joined(i1 %c, ptr %q) {
  %p = call ptr @cairn.alloc(ptr @leaf)
  %r = select i1 %c, ptr %p, ptr %q
  call void @cairn.decref(ptr %r)
  ret void
}

; A mistake stays for the runtime to report: a block is no object.
; CHECK-LABEL: define void @mistaken(
; CHECK: call ptr @cairn.malloc(i64 8)
; CHECK: call void @cairn.decref
define void @mistaken() {
  %p = call ptr @cairn.malloc(i64 8)
  call void @cairn.decref(ptr %p)
  ret void
}

; An allocation that goes away has not failed.
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

; CHECK-LABEL: define i1 @f(
; CHECK-NEXT: ret i1 false
define i1 @f() {
  %p = call ptr @cairn.try.alloc(ptr @leaf)
  %null = icmp eq ptr %p, null
  call void @cairn.decref(ptr %p)
  ret i1 %null
}

; CHECK-LABEL: define i1 @g(
; CHECK-NEXT: ret i1 true
define i1 @g() {
  %p = call ptr @cairn.try.alloc(ptr @leaf)
  %some = icmp ne ptr null, %p
  call void @cairn.decref(ptr %p)
  ret i1 %some
}

; Negative: another pointer says something about where it lies.
; CHECK-LABEL: define i1 @h(
; CHECK: call ptr @cairn.try.alloc
define i1 @h(ptr %q) {
  %p = call ptr @cairn.try.alloc(ptr @leaf)
  %same = icmp eq ptr %p, %q
  call void @cairn.decref(ptr %p)
  ret i1 %same
}

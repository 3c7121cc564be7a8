; Remarks say what went, and why something that is released here stayed.
; RUN: %opt -passes=cairn-elide -disable-output -pass-remarks=cairn-elide -pass-remarks-missed=cairn-elide %s 2>&1 | FileCheck %s
; CHECK: remark: {{.*}}removed an allocation by 'cairn.alloc' that nothing observes
; CHECK: remark: {{.*}}kept an allocation by 'cairn.alloc' that is released here: it is read
; CHECK: remark: {{.*}}kept an allocation by 'cairn.alloc' that is released here: a reference is stored into it
; Negative: nothing is said of one that lives on.
; CHECK-NOT: remark

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

define void @gone() {
  %p = call ptr @cairn.alloc(ptr @leaf)
  call void @cairn.decref(ptr %p)
  ret void
}

define i64 @read() {
  %p = call ptr @cairn.alloc(ptr @leaf)
  %x = load i64, ptr %p
  call void @cairn.decref(ptr %p)
  ret i64 %x
}

define void @owner(ptr %c) {
  %p = call ptr @cairn.alloc(ptr @pair)
  %f = getelementptr i8, ptr %p, i64 8
  store ptr %c, ptr %f
  call void @cairn.decref(ptr %p)
  ret void
}

define ptr @kept() {
  %p = call ptr @cairn.alloc(ptr @leaf)
  ret ptr %p
}

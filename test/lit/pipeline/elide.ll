; In the pipeline: after inlining, an object that a callee made and the caller only
; releases goes, with its null fields and what it held. At -O0 nothing goes.
; RUN: %opt -passes="default<O1>" -S %s | FileCheck %s
; RUN: %opt -passes="default<O2>" -S %s | FileCheck %s
; RUN: %opt -passes="default<O0>" -S %s | FileCheck %s --check-prefix=O0

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

define internal ptr @make(i64 %x) {
  %p = call ptr @cairn.alloc(ptr @pair)
  store i64 %x, ptr %p
  ret ptr %p
}

; CHECK-LABEL: define void @caller(
; CHECK-NEXT: ret void
; O0-LABEL: define void @caller(
; O0: call ptr @make
; O0: call {{.*}}@cairn_rt_decref(
define void @caller() {
  %p = call ptr @make(i64 1)
  call void @cairn.decref(ptr %p)
  ret void
}

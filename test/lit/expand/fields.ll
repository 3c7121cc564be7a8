; Copies of references from, to and within objects are calls of the runtime, which reads from
; the header which words are references. Their operand may be a fresh object without any: that
; is no release of it.
;
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.alloc.bytes(i64)
declare void @cairn.copy.fields(ptr, ptr, ptr, i64)
declare void @cairn.read.fields(ptr, ptr, ptr, i64)
declare void @cairn.fill.fields(ptr, ptr, i8, i64)
declare i64 @cairn.length(ptr)
declare i64 @cairn.refcount(ptr)

; CHECK-LABEL: define i64 @all(
define i64 @all(ptr %p, ptr %q, i64 %n, i8 %b) {
; CHECK: call void @cairn_rt_copy_fields(ptr {{.*}}%p, ptr {{.*}}%p, ptr {{.*}}%q, i64 {{.*}}%n)
  call void @cairn.copy.fields(ptr %p, ptr %p, ptr %q, i64 %n)
; CHECK: call void @cairn_rt_read_fields(ptr {{.*}}%p, ptr {{.*}}%p, ptr {{.*}}%q, i64 {{.*}}%n)
  call void @cairn.read.fields(ptr %p, ptr %p, ptr %q, i64 %n)
; CHECK: call void @cairn_rt_fill_fields(ptr {{.*}}%p, ptr {{.*}}%p, i8 {{.*}}%b, i64 {{.*}}%n)
  call void @cairn.fill.fields(ptr %p, ptr %p, i8 %b, i64 %n)
; CHECK: call i64 @cairn_length(ptr %p)
  %l = call i64 @cairn.length(ptr %p)
; CHECK: call i64 @cairn_refcount(ptr %p)
  %r = call i64 @cairn.refcount(ptr %p)
  %s = add i64 %l, %r
  ret i64 %s
}

; CHECK-LABEL: define ptr @fresh(
; CHECK: call void @cairn_rt_fill_fields(
; CHECK: ret ptr
define ptr @fresh(i8 %b) {
  %p = call nonnull ptr @cairn.alloc.bytes(i64 8)
  call void @cairn.fill.fields(ptr %p, ptr %p, i8 %b, i64 8)
  ret ptr %p
}

; The embedded fast paths are packed when Cairn is built. What is read of that form is what is
; read of the bitcode: both expand a module in the same way. The order of declarations is free.
; DEFINE: %{of} = sed -e 's/[#!][0-9][0-9]*//g' -e '/^;/d' | sort
; DEFINE: %{bitcode} = -cairn-bitcode=%own/cairn-fast-x86_64.bc
; RUN: %opt -passes=cairn-lower -S %s | %{of} > %t.packed
; RUN: %opt %{bitcode} -passes=cairn-lower -S %s | %{of} > %t.bitcode
; RUN: diff %t.packed %t.bitcode
; RUN: %opt -passes='cairn-lower<O0>' -S %s | %{of} > %t.packed
; RUN: %opt %{bitcode} -passes='cairn-lower<O0>' -S %s | %{of} > %t.bitcode
; RUN: diff %t.packed %t.bitcode
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

; Negative: another expansion differs.
; RUN: sed 's/i64 %%n)$/i64 48)/' %s | %opt -passes='cairn-lower<O0>' -S | %{of} > %t.other
; RUN: not diff %t.packed %t.other

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@fields = constant [1 x i32] [i32 0]
@node = constant %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@late = external constant %cairn_type

declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
declare void @cairn.free.sized(ptr, i64)
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.try.alloc(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)
declare i8 @cairn.tag(ptr)
declare void @cairn.set.tag(ptr, i8)

; Its class is read from a table of constants.
; CHECK-LABEL: define ptr @raw(
; CHECK: load i16, ptr
define ptr @raw(ptr %p, ptr %q, i64 %n) {
  call void @cairn.free(ptr %q)
  call void @cairn.free.sized(ptr %p, i64 %n)
  %new = call ptr @cairn.malloc(i64 %n)
  ret ptr %new
}

; CHECK-LABEL: define ptr @objects(
; CHECK: call preserve_mostcc ptr @cairn_rt_take_slot_or_fail.eager(
; CHECK: load atomic i32, ptr {{.*}} monotonic
define ptr @objects(ptr %p, i8 %tag) {
  %new = call ptr @cairn.alloc(ptr @node)
  %other = call ptr @cairn.try.alloc(ptr @late)
  %unique = call i1 @cairn.is.unique(ptr %p)
  br i1 %unique, label %change, label %count
change:
  %old = call i8 @cairn.tag(ptr %p)
  %next = add i8 %old, %tag
  call void @cairn.set.tag(ptr %p, i8 %next)
  call void @cairn.decref(ptr %other)
  ret ptr %new
count:
  call void @cairn.incref(ptr %p)
  call void @cairn.decref(ptr %p)
  ret ptr %other
}

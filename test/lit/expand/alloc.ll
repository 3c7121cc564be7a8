; A constant descriptor folds to its bin and its header word, whether the frontend
; worked the word out or left it to the runtime; the managed fields start null.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@fields = internal constant [2 x i32] [i32 0, i32 16]
; 24 bytes and the header are class 2 of objects: bin 71 + 2, and 3 in the header word's bits
; 24 to 27. Words 0 and 2 are managed.
@node = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@node_with_meta = internal constant %cairn_type { i32 24, i16 8, i16 2, i32 -2097151995, i32 0, ptr @fields, ptr null, ptr null }
@node_without_class = internal constant %cairn_type { i32 24, i16 8, i16 2, i32 -2147483643, i32 0, ptr @fields, ptr null, ptr null }
@empty = internal global %cairn_type { i32 0, i16 1, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
; 24 bytes and the header at align 16 are 32; 32 and the header are 48.
@aligned24 = internal global %cairn_type { i32 24, i16 16, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
@aligned32 = internal global %cairn_type { i32 32, i16 16, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
@table = internal global [2 x %cairn_type] [
  %cairn_type { i32 8, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null },
  %cairn_type { i32 40, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }]

declare ptr @cairn.alloc(ptr)

; CHECK-LABEL: define ptr @make_node(
; CHECK: getelementptr [[INBOUNDS]] i8, ptr {{.*}}, i64 1168
; CHECK: call preserve_mostcc ptr @cairn_rt_take_slot_or_fail.eager(i64 noundef 73, ptr noundef null)
; The header: meta 0x83000005, count 1.
; CHECK: store i64 -9007199233266155519, ptr
; CHECK-COUNT-2: store ptr null
; CHECK-NOT: store
define ptr @make_node() {
  %p = call ptr @cairn.alloc(ptr @node)
  ret ptr %p
}

; CHECK-LABEL: define ptr @make_with_meta(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 73, ptr noundef null)
; CHECK: store i64 -9007199233266155519, ptr
define ptr @make_with_meta() {
  %p = call ptr @cairn.alloc(ptr @node_with_meta)
  ret ptr %p
}

; A descriptor may leave the class out: then the objects do, as those of the called form do.
; CHECK-LABEL: define ptr @make_without_class(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 73, ptr noundef null)
; CHECK: store i64 -9223372015379939327, ptr
define ptr @make_without_class() {
  %p = call ptr @cairn.alloc(ptr @node_without_class)
  ret ptr %p
}

; CHECK-LABEL: define ptr @make_empty(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 71, ptr noundef null)
; CHECK: store i64 -9151314442816847871, ptr
define ptr @make_empty() {
  %p = call ptr @cairn.alloc(ptr @empty)
  ret ptr %p
}

; CHECK-LABEL: define ptr @make_aligned24(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 73, ptr noundef null)
define ptr @make_aligned24() {
  %p = call ptr @cairn.alloc(ptr @aligned24)
  ret ptr %p
}

; CHECK-LABEL: define ptr @make_aligned32(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 75, ptr noundef null)
define ptr @make_aligned32() {
  %p = call ptr @cairn.alloc(ptr @aligned32)
  ret ptr %p
}

; A descriptor inside a table of them.
; CHECK-LABEL: define ptr @make_in_table(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 75, ptr noundef null)
define ptr @make_in_table() {
  %p = call ptr @cairn.alloc(ptr getelementptr (%cairn_type, ptr @table, i64 1))
  ret ptr %p
}

; A bytes object of constant length is a plain object whose header word is the length.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@elem = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

declare ptr @cairn.alloc.bytes(i64)
declare ptr @cairn.alloc.array(ptr, i64)

; CHECK-LABEL: define ptr @constant(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 72, ptr noundef null)
; CHECK: store i64 42949672961, ptr
define ptr @constant() {
  %p = call ptr @cairn.alloc.bytes(i64 10)
  ret ptr %p
}

; CHECK-LABEL: define ptr @variable(
; CHECK-NEXT: call ptr @cairn_rt_alloc_bytes(i64 noundef %n, ptr noundef null)
define ptr @variable(i64 %n) {
  %p = call ptr @cairn.alloc.bytes(i64 %n)
  ret ptr %p
}

; Negatives: no class, and no length. The runtime deals with them.
; CHECK-LABEL: define ptr @large(
; CHECK-NEXT: call ptr @cairn_rt_alloc_bytes(i64 noundef 2041, ptr noundef null)
define ptr @large() {
  %p = call ptr @cairn.alloc.bytes(i64 2041)
  ret ptr %p
}
; CHECK-LABEL: define ptr @wrong(
; CHECK-NEXT: call ptr @cairn_rt_alloc_bytes(i64 noundef -1, ptr noundef null)
define ptr @wrong() {
  %p = call ptr @cairn.alloc.bytes(i64 -1)
  ret ptr %p
}

; CHECK-LABEL: define ptr @array(
; CHECK-NEXT: call ptr @cairn_rt_alloc_array(ptr noundef {{(nonnull )?}}@elem, i64 noundef %n, ptr noundef null)
define ptr @array(i64 %n) {
  %p = call ptr @cairn.alloc.array(ptr @elem, i64 %n)
  ret ptr %p
}

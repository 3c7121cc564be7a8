; What is not known when compiling is asked of the runtime, by ordinary calls.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@elsewhere = external global %cairn_type
@weak = weak global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
@huge = internal global %cairn_type { i32 2048, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
@largest = internal global %cairn_type { i32 2040, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

declare ptr @cairn.alloc(ptr)
declare ptr @cairn.try.alloc(ptr)
declare ptr @cairn.alloc.tagged(ptr, i8)

; CHECK-LABEL: define ptr @make_variable(
; CHECK-NEXT: call ptr @cairn_rt_alloc_type(ptr noundef %t, ptr noundef null)
define ptr @make_variable(ptr %t) {
  %p = call ptr @cairn.alloc(ptr %t)
  ret ptr %p
}

; CHECK-LABEL: define ptr @make_elsewhere(
; CHECK-NEXT: call ptr @cairn_rt_try_alloc_type(ptr noundef {{(nonnull )?}}@elsewhere, ptr noundef null)
define ptr @make_elsewhere() {
  %p = call ptr @cairn.try.alloc(ptr @elsewhere)
  ret ptr %p
}

; Another definition may replace a weak one.
; CHECK-LABEL: define ptr @make_weak(
; CHECK-NEXT: call ptr @cairn_rt_alloc_type(ptr noundef {{(nonnull )?}}@weak, ptr noundef null)
define ptr @make_weak() {
  %p = call ptr @cairn.alloc(ptr @weak)
  ret ptr %p
}

; CHECK-LABEL: define ptr @make_huge(
; CHECK-NEXT: call ptr @cairn_rt_alloc_type(ptr noundef {{(nonnull )?}}@huge, ptr noundef null)
define ptr @make_huge() {
  %p = call ptr @cairn.alloc(ptr @huge)
  ret ptr %p
}

; The tag is set afterwards.
; CHECK-LABEL: define ptr @make_tagged(
; CHECK: [[P:%.*]] = call ptr @cairn_rt_alloc_type(ptr noundef %t, ptr noundef null)
; CHECK: or i32 {{%.*}}, 458752
define ptr @make_tagged(ptr %t) {
  %p = call ptr @cairn.alloc.tagged(ptr %t, i8 7)
  ret ptr %p
}

; Negative: the largest that has a class is inline.
; CHECK-LABEL: define ptr @make_largest(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 141, ptr noundef null)
define ptr @make_largest() {
  %p = call ptr @cairn.alloc(ptr @largest)
  ret ptr %p
}

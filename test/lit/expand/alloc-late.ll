; A finaliser, or a field that the header word has no bit for, makes the runtime write
; the word into the descriptor at first use: it is loaded, and the class still folds.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@far_fields = internal constant [1 x i32] [i32 128]
@final = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @finish, ptr null }
@far = internal global %cairn_type { i32 136, i16 8, i16 1, i32 0, i32 0, ptr @far_fields, ptr null, ptr null }

declare void @finish(ptr)
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.tagged(ptr, i8)

; CHECK-LABEL: define ptr @make_final(
; CHECK: [[META:%.*]] = load atomic i32, ptr getelementptr inbounds {{.*}}(i8, ptr @final, i64 8) acquire
; CHECK: icmp eq i32 [[META]], 0
; CHECK: call ptr @cairn_rt_alloc_type(ptr noundef {{(nonnull )?}}@final, ptr noundef null)
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 72, ptr noundef null)
define ptr @make_final() {
  %p = call ptr @cairn.alloc(ptr @final)
  ret ptr %p
}

; CHECK-LABEL: define ptr @make_far(
; CHECK: load atomic i32, ptr getelementptr inbounds {{.*}}(i8, ptr @far, i64 8) acquire
; CHECK: call ptr @cairn_rt_alloc_type(ptr noundef {{(nonnull )?}}@far, ptr noundef null)
; CHECK: store ptr null
define ptr @make_far() {
  %p = call ptr @cairn.alloc(ptr @far)
  ret ptr %p
}

; CHECK-LABEL: define ptr @make_tagged(
; CHECK: [[META:%.*]] = load atomic i32, ptr getelementptr inbounds {{.*}}(i8, ptr @final, i64 8) acquire
; CHECK: or i32 [[META]], 196608
define ptr @make_tagged() {
  %p = call ptr @cairn.alloc.tagged(ptr @final, i8 3)
  ret ptr %p
}

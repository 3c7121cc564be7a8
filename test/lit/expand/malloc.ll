; A constant size folds to its bin; another is looked up; one past the classes is a call.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

declare ptr @cairn.malloc(i64)

; 48 bytes are class 4; the stack of bin 4 lies at 16 * 4.
; CHECK-LABEL: define ptr @constant(
; CHECK: [[VIEW:%.*]] = load ptr, ptr {{.*}}
; CHECK: [[BIN:%.*]] = getelementptr [[INBOUNDS]] i8, ptr [[VIEW]], i64 64
; CHECK: [[TOP:%.*]] = load ptr, ptr [[BIN]]
; CHECK: [[BLOCK:%.*]] = load ptr, ptr [[TOP]]
; CHECK: icmp eq ptr [[BLOCK]], null
; CHECK: [[BELOW:%.*]] = getelementptr inbounds i8, ptr [[TOP]], i64 -8
; CHECK: store ptr [[BELOW]], ptr [[BIN]]
; CHECK: call preserve_mostcc ptr @cairn_rt_take_slot.eager(i64 noundef 4, ptr noundef null)
define ptr @constant() {
  %p = call ptr @cairn.malloc(i64 48)
  ret ptr %p
}

; Nothing asked for is still a block.
; CHECK-LABEL: define ptr @zero(
; CHECK: @cairn_rt_take_slot.eager(i64 noundef 0, ptr noundef null)
define ptr @zero() {
  %p = call ptr @cairn.malloc(i64 0)
  ret ptr %p
}

; CHECK-LABEL: define ptr @variable(
; CHECK: icmp ugt i64 %n, 2048
; CHECK-DAG: @cairn_rt_malloc_large.eager(i64 noundef %n, ptr noundef null)
; CHECK-DAG: lshr i64 {{%.*}}, 3
; CHECK-DAG: load i16, ptr
; CHECK: @cairn_rt_take_slot.eager(i64
define ptr @variable(i64 %n) {
  %p = call ptr @cairn.malloc(i64 %n)
  ret ptr %p
}

; CHECK-LABEL: define ptr @large(
; CHECK-NEXT: call {{.*}}ptr @cairn_rt_malloc_large.eager(i64 noundef 2049, ptr noundef null)
; CHECK-NEXT: ret ptr
define ptr @large() {
  %p = call ptr @cairn.malloc(i64 2049)
  ret ptr %p
}

; Negative: what the intrinsic said of aliasing is not said of the result.
; CHECK-NOT: noalias

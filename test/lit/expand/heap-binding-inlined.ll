; A function that binds a heap keeps it when it is inlined into one that binds another.
; RUN: %opt -passes="default<O2>" -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

@pool = external global i8
declare ptr @cairn.malloc(i64)

define internal ptr @from_pool() "cairn-heap"="static" "cairn-heap-symbol"="pool" {
  %p = call ptr @cairn.malloc(i64 48)
  ret ptr %p
}

; CHECK-LABEL: define {{.*}}ptr @caller(
; CHECK: @cairn_rt_take_slot.eager(i64 noundef 4, ptr noundef {{(nonnull )?}}@pool)
define ptr @caller() {
  %p = call ptr @from_pool()
  ret ptr %p
}

; Sizes are i64 on every target, size_t is not: on wasm32 the argument is extended, as
; an unsigned number.
; RUN: %opt -passes=cairn-import -S %s | FileCheck %s

target triple = "wasm32-unknown-unknown"

declare ptr @cairn_malloc(i32)

; CHECK-LABEL: define ptr @malloc(
; CHECK: [[N:%.*]] = zext i32 %n to i64
; CHECK: call ptr @cairn.malloc(i64 [[N]])
define ptr @malloc(i32 %n) {
  %p = call ptr @cairn_malloc(i32 %n)
  ret ptr %p
}

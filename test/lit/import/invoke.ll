; No Cairn function throws: an invoke becomes a call, and its landing pad goes.
; RUN: %opt -passes='cairn-import,simplifycfg' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

declare ptr @cairn_malloc(i64)
declare i32 @__gxx_personality_v0(...)

; CHECK-LABEL: define ptr @f(
; CHECK-NEXT: ok:
; CHECK-NEXT: %p = call ptr @cairn.malloc(i64 8)
; CHECK-NEXT: ret ptr %p
define ptr @f() personality ptr @__gxx_personality_v0 {
  %p = invoke ptr @cairn_malloc(i64 8) to label %ok unwind label %bad
ok:
  ret ptr %p
bad:
  %l = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %l
}

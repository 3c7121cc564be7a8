; The null test that follows a malloc is known on the fast path: it stays on the cold
; side only.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

declare ptr @cairn.malloc(i64)
declare void @abort() noreturn

; CHECK-LABEL: define ptr @f(
; CHECK: br i1 {{%.*}}, label %[[COLD:.*]], label %[[FAST:[^,]*]]
; CHECK: [[FAST]]:
; CHECK-NOT: icmp eq ptr
; CHECK: br label %ok
; CHECK: [[COLD]]:
; CHECK: [[R:%.*]] = call {{.*}}@cairn_rt_take_slot
; CHECK: icmp eq ptr [[R]], null
define ptr @f() {
  %p = call ptr @cairn.malloc(i64 48)
  %null = icmp eq ptr %p, null
  br i1 %null, label %bad, label %ok
ok:
  ret ptr %p
bad:
  call void @abort()
  unreachable
}

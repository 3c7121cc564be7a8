; A cell of the last reference is one compare of the whole header, the tag aside, inline. The copy is a call that is
; seldom made.
;
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.own.cell(ptr, i32)

; CHECK-LABEL: define ptr @own(
; CHECK: [[WORD:%.*]] = load atomic i64, ptr {{%.*}} monotonic
; CHECK-NEXT: and i64 [[WORD]], -71776119061217281
; CHECK-NEXT: icmp eq i64 {{.*}}, -9079256844483952639
; CHECK-NEXT: br i1 {{.*}} !prof
; CHECK: call {{.*}}ptr @cairn_rt_own_cell{{(.eager)?}}(ptr {{.*}}%x, i32 {{.*}}-2113929215)
; CHECK: phi ptr
define ptr @own(ptr %x) {
  %cell = call ptr @cairn.own.cell(ptr %x, i32 -2113929215)
  ret ptr %cell
}

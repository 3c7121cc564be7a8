; cairn lower prints the module with its intrinsics expanded, to stdout or to a file.
;
; RUN: %cairn lower %s | FileCheck %s
; RUN: %cairn lower %s -o - | FileCheck %s
; RUN: %cairn lower %s -o %t.ll && FileCheck %s < %t.ll
; RUN: %cairn lower < /dev/null %t.ll | opt -passes=verify -disable-output
;
; CHECK-NOT: @cairn.
; CHECK: define ptr @block()
; CHECK-NOT: call {{.*}}@cairn.malloc
; CHECK: cairn_rt_take_slot
; CHECK: ret ptr
; CHECK-NOT: @cairn.

declare ptr @cairn.malloc(i64)

define ptr @block() {
  %p = call ptr @cairn.malloc(i64 48)
  ret ptr %p
}

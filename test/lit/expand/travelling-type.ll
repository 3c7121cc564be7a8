; ThinLTO brings a call to a module that sees only the descriptor's declaration: what
; import read travels with the call. It is not believed of a pointer that may be another.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@node = external global %cairn_type
@other = external global %cairn_type
declare ptr @cairn.alloc(ptr)

; CHECK-LABEL: define ptr @known(
; CHECK: @cairn_rt_take_slot_or_fail.eager(i64 noundef 73, ptr noundef null)
; CHECK-COUNT-2: store ptr null
define ptr @known() {
  %p = call ptr @cairn.alloc(ptr @node) "cairn-type"="24,8,2147483651,0,0,8"
  ret ptr %p
}

; CHECK-LABEL: define ptr @merged(
; CHECK: @cairn_rt_alloc_type(
define ptr @merged(i1 %c) {
  %t = select i1 %c, ptr @node, ptr @other
  %p = call ptr @cairn.alloc(ptr %t) "cairn-type"="24,8,2147483651,0,0,8"
  ret ptr %p
}

; A lowered module may be optimised once more: bitcode of `cairn build --emit=bc` in `cairn run`,
; or a link with LTO. What all callers pass must not become a constant in the function that
; jumps to a slow path: LLVM would put it in a register that the convention keeps, and
; restore that register before the jump.
; RUN: %opt -passes="default<O2>" -S %s | opt -passes="default<O2>,ipsccp,deadargelim" -S | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node = internal constant %cairn_type { i32 16, i16 8, i16 0, i32 u0x80000000, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)

; CHECK-LABEL: define {{.*}}ptr @make(
; CHECK: call preserve_mostcc ptr @cairn_rt_take_slot_or_fail.eager(i64 {{.*}}, ptr {{.*}}null)
define ptr @make() {
  %p = call ptr @cairn.alloc(ptr @node)
  ret ptr %p
}

; CHECK: define internal preserve_mostcc ptr @cairn_rt_take_slot_or_fail.eager(i64 {{.*}}%0, ptr {{.*}}%1)
; CHECK-NEXT: musttail call preserve_mostcc ptr @cairn_rt_take_slot_or_fail(i64 {{.*}}%0, ptr {{.*}}%1)

; In a module with static objects, a count that is taken off the fast path is looked at before the runtime is called: that
; of a static object never changes.
; RUN: %opt -passes='cairn-lower<O2>' -S %s | FileCheck %s
;
; Negative: without static objects, without inserted counts, and at -O0, the runtime looks.
; RUN: sed '/^@object/d' %s | %opt -passes='cairn-lower<O2>' -S | FileCheck %s --check-prefix=RUNTIME
; RUN: sed '/cairn-counts-inserted/d; s/, !1}/}/' %s | %opt -passes='cairn-lower<O2>' -S | FileCheck %s --check-prefix=RUNTIME
; RUN: %opt -passes='cairn-lower<O0>' -S %s | FileCheck %s --check-prefix=RUNTIME
; RUNTIME-NOT: cairn.retain

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node.fields = internal constant [2 x i32] [i32 0, i32 8]
@node = internal constant %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @node.fields, ptr null, ptr null }
@object = internal global { i64, i64, [24 x i8] } zeroinitializer, section "cairn_static", align 16

declare ptr @cairn.alloc(ptr)
declare void @cairn.incref(ptr)

define ptr @make() {
  %p = call ptr @cairn.alloc(ptr @node)
  ret ptr %p
}

; CHECK-LABEL: define void @take(
; CHECK: call preserve_mostcc void @cairn.retain(ptr
; CHECK-NOT: cairn_rt_incref
; CHECK: ret void
; CHECK-LABEL: define internal preserve_mostcc void @cairn.retain(
; CHECK: icmp slt i32 %{{.*}}, -1073741824
; CHECK: call preserve_mostcc void @cairn_rt_incref.eager(ptr %0)
define void @take(ptr %p) {
  call void @cairn.incref(ptr %p)
  ret void
}

!llvm.module.flags = !{!0, !1}
!0 = !{i32 8, !"PIC Level", i32 2}
!1 = !{i32 7, !"cairn-counts-inserted", i32 1}

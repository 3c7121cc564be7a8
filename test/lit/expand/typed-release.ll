; Where counts were inserted, a module releases the types that it allocates by a function of its
; own: the loads of their fields and the return of the slot are inline. The runtime has to look
; each object's fields up in its header.
; RUN: opt -load-pass-plugin=%plugin -passes='cairn-lower<O2>' -S %s | FileCheck %s
;
; Negative: counts that a frontend wrote, and -O0, release by the runtime.
; RUN: sed '/cairn-counts-inserted/d; s/, !1}/}/' %s | opt -load-pass-plugin=%plugin -passes='cairn-lower<O2>' -S | FileCheck %s --check-prefix=RUNTIME
; RUN: opt -load-pass-plugin=%plugin -passes='cairn-lower<O0>' -S %s | FileCheck %s --check-prefix=RUNTIME
; RUNTIME-NOT: cairn.release

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@node.fields = internal constant [2 x i32] [i32 0, i32 8]
@node = internal constant %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @node.fields, ptr null, ptr null }
@final = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @node.fields, ptr @end, ptr null }

declare ptr @cairn.alloc(ptr)
declare void @cairn.decref(ptr)
declare void @end(ptr)

define ptr @make() {
  %p = call ptr @cairn.alloc(ptr @node)
  ret ptr %p
}

; A type with a finaliser is none of them: the switch has one case.
define ptr @make.final() {
  %p = call ptr @cairn.alloc(ptr @final)
  ret ptr %p
}

; CHECK-LABEL: define void @drop(
; CHECK: call preserve_mostcc void @cairn.release(ptr
; CHECK-NOT: cairn_rt_decref
; CHECK: ret void
define void @drop(ptr %p) {
  call void @cairn.decref(ptr %p)
  ret void
}

; CHECK-LABEL: define internal fastcc void @cairn.release.last(ptr %0, i32 %1)
; CHECK: next:
; CHECK: %cond = icmp eq i32 %{{.*}}, {{-?[0-9]+}}
; CHECK-NEXT: br i1 %cond, label %shape, label %runtime
; The first field by a call, as long as it is not too deep; the last one by going on.
; CHECK: call fastcc void @cairn.release.last(
; CHECK: br i1 %{{.*}}, label %next, label %other

; Registers are saved where the last count goes. A count that never changes, as that of a static
; object (under -2^30), costs no call.
; CHECK-LABEL: define internal preserve_mostcc void @cairn.release.saving(
; CHECK: call fastcc void @cairn.release.last(ptr %0, i32 200)
; CHECK-LABEL: define internal preserve_mostcc void @cairn.release(
; CHECK: icmp eq i32 %{{.*}}, 1
; CHECK: tail call preserve_mostcc void @cairn.release.saving(ptr %0)
; CHECK: icmp slt i32 %{{.*}}, -1073741824
; CHECK: tail call preserve_mostcc void @cairn_rt_decref.eager(ptr %0)

!llvm.module.flags = !{!0, !1}
!0 = !{i32 8, !"PIC Level", i32 2}
!1 = !{i32 7, !"cairn-counts-inserted", i32 1}

; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_
; A free pushes onto the stack of its slab's bin if the slab is of this thread; where there
; is no room, onto the slab, and counts down. The record address stays behind an empty asm,
; in one register.

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

declare void @cairn.free(ptr)
declare void @cairn.free.sized(ptr, i64)

; CHECK-LABEL: define void @free(
; CHECK: load ptr, ptr @cairn_rt_table
; CHECK: call i64 asm "", "=r,0
; CHECK: load atomic i64, ptr {{.*}} monotonic
; CHECK: call ptr @llvm.thread.pointer
; CHECK: call preserve_mostcc void @cairn_rt_credit.eager(
; CHECK: call preserve_mostcc void @cairn_rt_free.eager(ptr noundef %p)
define void @free(ptr %p) {
  call void @cairn.free(ptr %p)
  ret void
}

; CHECK-LABEL: define void @sized(
; CHECK: call preserve_mostcc void @cairn_rt_free_sized.eager(ptr noundef %p, i64 noundef 48)
define void @sized(ptr %p) {
  call void @cairn.free.sized(ptr %p, i64 48)
  ret void
}

; CHECK-LABEL: define void @null(
; CHECK-NEXT: ret void
define void @null() {
  call void @cairn.free(ptr null)
  call void @cairn.free.sized(ptr null, i64 48)
  ret void
}

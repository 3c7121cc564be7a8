; A module that declared the runtime's functions itself, without their convention, takes
; the bitcode's; one that declared them with another type is told.
; RUN: split-file %s %t
; RUN: %opt -passes=cairn-lower -S %t/plain.ll | FileCheck %s
; RUN: not %opt -passes=cairn-lower -S %t/wrong.ll 2>&1 | FileCheck %s --check-prefix=WRONG

; CHECK-DAG: call preserve_mostcc void @cairn_rt_free.eager(ptr %p)
; CHECK-DAG: declare preserve_mostcc void @cairn_rt_free(
;--- plain.ll
target triple = "x86_64-unknown-linux-gnu"
declare void @cairn_rt_free(ptr)
declare void @cairn.free(ptr)
define void @f(ptr %p, ptr %q) {
  call void @cairn_rt_free(ptr %p)
  call void @cairn.free(ptr %q)
  ret void
}

; WRONG: error: cairn: 'cairn_rt_free' is declared in another way than the runtime's bitcode does
;--- wrong.ll
target triple = "x86_64-unknown-linux-gnu"
declare i32 @cairn_rt_free(ptr)
declare void @cairn.free(ptr)
define void @f(ptr %p) {
  call void @cairn.free(ptr %p)
  ret void
}

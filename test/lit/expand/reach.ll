; A program reaches the runtime's table without the global offset table; a shared
; library, and a module that asks for indirection, does not. The thread-local is
; initial-exec in each.
; RUN: split-file %s %t
; RUN: cat %t/code.ll %t/pie.ll > %t/1.ll && %opt -passes=cairn-lower -S %t/1.ll | FileCheck %s --check-prefixes=CHECK,NEAR
; RUN: cat %t/code.ll %t/static.ll > %t/2.ll && %opt -passes=cairn-lower -S %t/2.ll | FileCheck %s --check-prefixes=CHECK,NEAR
; RUN: cat %t/code.ll %t/shared.ll > %t/3.ll && %opt -passes=cairn-lower -S %t/3.ll | FileCheck %s --check-prefixes=CHECK,FAR
; RUN: cat %t/code.ll %t/indirect.ll > %t/4.ll && %opt -passes=cairn-lower -S %t/4.ll | FileCheck %s --check-prefixes=CHECK,FAR

; CHECK-DAG: @cairn_rt_tls = external thread_local(initialexec) {{.*}}global ptr
; NEAR-DAG: @cairn_rt_table = external dso_local
; FAR-DAG: @cairn_rt_table = external local_unnamed_addr
;--- code.ll
target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
define ptr @f(ptr %q) {
  call void @cairn.free(ptr %q)
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}
;--- static.ll
;--- pie.ll
!llvm.module.flags = !{!0, !1}
!0 = !{i32 8, !"PIC Level", i32 2}
!1 = !{i32 7, !"PIE Level", i32 2}
;--- shared.ll
!llvm.module.flags = !{!0}
!0 = !{i32 8, !"PIC Level", i32 2}
;--- indirect.ll
!llvm.module.flags = !{!0, !1, !2}
!0 = !{i32 8, !"PIC Level", i32 2}
!1 = !{i32 7, !"PIE Level", i32 2}
!2 = !{i32 7, !"direct-access-external-data", i32 0}

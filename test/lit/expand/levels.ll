; At every level each intrinsic is expanded, in functions that are not optimised too; and
; the module keeps nothing that lowering brought and did not use.
; RUN: %opt -passes="default<O0>" -S %s | FileCheck %s
; RUN: %opt -passes="default<O1>" -S %s | FileCheck %s
; RUN: %opt -passes="default<O2>" -S %s | FileCheck %s
; RUN: %opt -passes="default<O3>" -S %s | FileCheck %s
; RUN: %opt -passes="default<Os>" -S %s | FileCheck %s
; RUN: %opt -passes="default<Oz>" -S %s | FileCheck %s
; RUN: %opt -passes="cairn-lower<O0>" -S %s | FileCheck %s
; RUN: %opt -passes="cairn-lower<O3>" -S %s | FileCheck %s
; RUN: %opt -passes="default<O0>" %s | llc -o - | FileCheck %s --check-prefix=ASM
; RUN: %opt -passes="default<O2>" %s | llc -o - | FileCheck %s --check-prefix=ASM

; CHECK-NOT: {{cairn\.|cairn_fast_|kClassTable}}
; CHECK: define {{.*}}@main_path(
; CHECK-NOT: {{cairn\.|cairn_fast_|cairn_rt_credit}}
; CHECK: define {{.*}}@unoptimised(
; CHECK-NOT: {{cairn\.|cairn_fast_|cairn_rt_credit}}
; CHECK: cairn_rt_is_unique
; CHECK-NOT: {{cairn\.|cairn_fast_}}
; ASM-NOT: {{cairn\.|cairn_fast_}}

target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
declare ptr @cairn.alloc(ptr)
declare i1 @cairn.is.unique(ptr)
declare void @cairn.incref(ptr)

define ptr @main_path(ptr %t) {
  %p = call ptr @cairn.malloc(i64 8)
  %o = call ptr @cairn.alloc(ptr %t)
  call void @cairn.incref(ptr %o)
  store ptr %o, ptr %p
  ret ptr %p
}
define i1 @unoptimised(ptr %p) noinline optnone {
  call void @cairn.incref(ptr %p)
  %u = call i1 @cairn.is.unique(ptr %p)
  ret i1 %u
}

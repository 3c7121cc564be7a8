; A function that may go on in another thread finds the thread anew at each look, and owns no
; block: under the function's attribute, and in a module of `cairn lower --fibers` or of the
; plugin's option, which mark every function. Others do neither.
; RUN: %opt -passes="default<O2>" -S %s | FileCheck %s
; RUN: %opt -cairn-fibers -passes="default<O2>" -S %s | FileCheck %s --check-prefixes=ALL
target triple = "aarch64-unknown-linux-gnu"

declare void @switch(ptr)
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)

; CHECK-LABEL: define void @fiber(
; CHECK: call ptr asm sideeffect "mrs $0, tpidr_el0{{.*}}cairn_rt_tls
; CHECK: call void @switch(
; CHECK: call ptr asm sideeffect "mrs $0, tpidr_el0
; CHECK-NOT: cairn_rt_free_own
; CHECK: call preserve_mostcc void @cairn_rt_free.eager
; CHECK-NOT: cairn_rt_free_own
define void @fiber() "cairn-fibers" {
  %a = call ptr @cairn.malloc(i64 48)
  call void @switch(ptr %a)
  call void @cairn.free(ptr %a)
  ret void
}

; CHECK-LABEL: define void @plain(
; CHECK-NOT: asm sideeffect
; CHECK: cairn_rt_free_own
; ALL-LABEL: define void @plain(
; ALL-SAME: #[[MARKED:[0-9]+]]
; ALL: asm sideeffect "mrs $0, tpidr_el0
; ALL: call void @switch(
; ALL: asm sideeffect "mrs $0, tpidr_el0
; ALL: attributes #[[MARKED]] = { {{.*}}"cairn-fibers"
; ALL: !"cairn-fibers", i32 1}
define void @plain() {
  %a = call ptr @cairn.malloc(i64 48)
  call void @switch(ptr %a)
  call void @cairn.free(ptr %a)
  ret void
}

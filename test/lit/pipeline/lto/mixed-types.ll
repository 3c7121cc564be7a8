; A link that inserts counts has one definition of each function and variable. If that comes from a module that was
; counted before, it has plain pointers: the variable gets the types back that a module without counts wrote down, so
; that loads from it are counted, and a call with references goes to the function as it is, under what the call says of
; who owns what.
; RUN: %opt -passes='cairn-managed<O2>' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

; Negative: nobody wrote down that this one has references.
; CHECK-DAG: @numbers = global { i64, ptr } zeroinitializer
@numbers = global { i64, ptr } zeroinitializer
; CHECK-DAG: @known = global { i64, ptr addrspace(77) } zeroinitializer
@known = global { i64, ptr } zeroinitializer
; An array that is written down without a number of elements has them everywhere.
; CHECK-DAG: @table = global [4 x ptr addrspace(77)] zeroinitializer
@table = global [4 x ptr] zeroinitializer

!cairn.variables = !{!0, !1}
!0 = !{ptr @known, { i64, ptr addrspace(77) } poison}
!1 = !{ptr @table, [0 x ptr addrspace(77)] poison}

; CHECK-LABEL: define ptr @counted(ptr %x)
define ptr @counted(ptr %x) noinline "cairn-counts-inserted" {
  ret ptr %x
}

; The parameter and the result are owned: nothing is counted.
; CHECK-LABEL: define ptr addrspace(77) @_Z6passes13cairn_takes_1(
; CHECK-SAME: ptr addrspace(77) "cairn-owned" %x)
; CHECK-NEXT: %y = {{.*}}call {{.*}}ptr addrspace(77) @counted(ptr addrspace(77) {{.*}}%x)
; CHECK-NEXT: ret ptr addrspace(77) %y
define ptr addrspace(77) @passes(ptr addrspace(77) "cairn-owned" %x) {
  %y = call ptr addrspace(77) @counted(ptr addrspace(77) "cairn-owned" %x)
  ret ptr addrspace(77) %y
}

; What is stored to the variable is counted, and what it held is released.
; CHECK-LABEL: define void @keeps(
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %x)
; CHECK-NEXT: %old = load
; CHECK-NEXT: store
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
define void @keeps(ptr addrspace(77) %x) {
  store ptr addrspace(77) %x, ptr getelementptr inbounds ({ i64, ptr addrspace(77) }, ptr @known, i64 0, i32 1)
  ret void
}

; CHECK-NOT: @counted.references
; CHECK-NOT: cairn.variables

; A cell of an object that may have other references is a copy there: no test is needed.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

define ptr addrspace(77) @good(ptr addrspace(77) %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %left
}

; Negative: the unit of the object goes into it.
; CHECK: borrowed: no unit: %x is made a cell, but this function has no unit of it
define ptr addrspace(77) @borrowed(ptr addrspace(77) %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %left
}

; Negative: released as well.
; CHECK-NEXT: twice: released twice: %x is released
define ptr addrspace(77) @twice(ptr addrspace(77) "cairn-owned" %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

; Negative: what was borrowed from a field of a field goes with that.
; CHECK-NEXT: deep: used after its unit went: nothing keeps %deep alive here
declare void @borrow(ptr addrspace(77) )
define void @deep(ptr addrspace(77) "cairn-owned" %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %deep = load ptr addrspace(77), ptr addrspace(77) %left
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  call void @borrow(ptr addrspace(77) %deep)
  ret void
}

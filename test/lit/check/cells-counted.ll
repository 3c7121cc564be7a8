; A cell has no count, and nobody else may see it: it is not retained, released, stored, passed on or returned.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

declare void @borrow(ptr addrspace(77) )
declare void @own(ptr addrspace(77) "cairn-owned")
declare i8 @cairn.ref.tag(ptr addrspace(77) )

; Its header may be read, and it may be compared.
define i8 @good(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2130706432)
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %cell)
  %some = icmp ne ptr addrspace(77) %cell, null
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret i8 %tag
}

; Negative.
; CHECK: retained: wrong use of a cell: %cell is retained, but it is a cell
define void @retained(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.incref(ptr addrspace(77) %cell)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
}

; Negative.
; CHECK-NEXT: released: wrong use of a cell: %cell is released, but it is a cell
define void @released(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.decref(ptr addrspace(77) %cell)
  ret void
}

; Negative.
; CHECK-NEXT: stored: wrong use of a cell: %cell is stored, but it is a cell
define void @stored(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2130706432)
  %old = load ptr addrspace(77), ptr addrspace(77) %y
  store ptr addrspace(77) %cell, ptr addrspace(77) %y
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

; Negative.
; CHECK-NEXT: lent: wrong use of a cell: %cell is passed to a call, but it is a cell
define void @lent(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @borrow(ptr addrspace(77) %cell)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
}

; Negative.
; CHECK-NEXT: given: wrong use of a cell: %cell is passed to a parameter that takes a unit, but it is a cell
define void @given(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @own(ptr addrspace(77) %cell)
  ret void
}

; Negative.
; CHECK-NEXT: returned: wrong use of a cell: %cell is returned, but it is a cell
define ptr addrspace(77) @returned(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2130706432)
  ret ptr addrspace(77) %cell
}

; Negative: what is stored into a cell is nobody's.
; CHECK-NEXT: into: wrong use of a cell: %y is stored into a cell
define void @into(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  store ptr addrspace(77) %y, ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret void
}

; Negative: made a cell again.
; CHECK-NEXT: again: wrong use of a cell: %cell is made a cell, but it is a cell
define void @again(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2130706432)
  %cell2 = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %cell, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell2)
  ret void
}

; A cell may be passed to a parameter that is a cell with its header word, once; the function that gets it gives it
; back, or makes an object of it, once on each path.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=fine:

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; The header word of an object with one field, as the certifier reads it: -2113929215 is 2181038081.
define internal ptr addrspace(77) @fine_takes(i1 %c, ptr addrspace(77) "cairn-owned" "cairn-cell"="2181038081" %cell) {
  br i1 %c, label %make, label %none
make:
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929215, i32 -2113929215, i32 0, i1 false)
  store ptr addrspace(77) null, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
none:
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) null
}
define ptr addrspace(77) @fine(ptr addrspace(77) "cairn-owned" %x, i1 %c) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  %new = call ptr addrspace(77) @fine_takes(i1 %c, ptr addrspace(77) %cell)
  ret ptr addrspace(77) %new
}

; Negative: a way on which nothing is done with it.
; CHECK: lost: lost unit: the cell %cell is lost
define internal void @lost(i1 %c, ptr addrspace(77) "cairn-owned" "cairn-cell"="2181038081" %cell) {
  br i1 %c, label %free, label %out
free:
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %out
out:
  ret void
}

; Negative: it has no count.
; CHECK-NEXT: counted: wrong use of a cell: %cell is retained, but it is a cell
define internal void @counted(ptr addrspace(77) "cairn-owned" "cairn-cell"="2181038081" %cell) {
  call void @cairn.ref.incref(ptr addrspace(77) %cell)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
}

; Negative: passed twice.
; CHECK-NEXT: twice: released twice: %cell is passed as a cell, but the cell went before on this path
define void @twice(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  %new = call ptr addrspace(77) @fine_takes(i1 true, ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  %again = call ptr addrspace(77) @fine_takes(i1 true, ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %again)
  ret void
}

; Negative: an object is no cell.
; CHECK-NEXT: object: wrong use of a cell: %x is passed as a cell, but it is no cell
define ptr addrspace(77) @object(ptr addrspace(77) "cairn-owned" %x) {
  %new = call ptr addrspace(77) @fine_takes(i1 true, ptr addrspace(77) %x)
  ret ptr addrspace(77) %new
}

; Negative: nor is null.
; CHECK-NEXT: null: wrong use of a cell: null is passed as a cell, but it is none
define ptr addrspace(77) @null() {
  %new = call ptr addrspace(77) @fine_takes(i1 true, ptr addrspace(77) null)
  ret ptr addrspace(77) %new
}

; Negative: it was another object.
; CHECK-NEXT: larger: wrong use of a cell: %cell is passed as a cell, but the parameter has another header word
define ptr addrspace(77) @larger(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2097151999)
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  %new = call ptr addrspace(77) @fine_takes(i1 true, ptr addrspace(77) %cell)
  ret ptr addrspace(77) %new
}

; Negative: what its field held is lost.
; CHECK-NEXT: field: lost unit: what a field of %cell refers to is lost
define ptr addrspace(77) @field(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %new = call ptr addrspace(77) @fine_takes(i1 true, ptr addrspace(77) %cell)
  ret ptr addrspace(77) %new
}

; An object made of a cell has the fields that it keeps, with their units, and nothing in the others: they are
; stored to before anybody else may see the object.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)

; A field is kept, the other is stored to.
define ptr addrspace(77) @good(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %at = getelementptr i8, ptr addrspace(77) %cell, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 1, i1 true)
  %to = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %y, ptr addrspace(77) %to
  ret ptr addrspace(77) %new
}

; A kept field may be read, before and after; null is a value like others.
define i64 @good_kept(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  %at = getelementptr i8, ptr addrspace(77) %cell, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 1, i1 true)
  %to = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) null, ptr addrspace(77) %to
  %n = load i64, ptr addrspace(77) %left
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret i64 %n
}

; A field moves to another place.
define ptr addrspace(77) @good_moved(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  %at = getelementptr i8, ptr addrspace(77) %cell, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 0, i1 true)
  %to = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %right, ptr addrspace(77) %new
  store ptr addrspace(77) %left, ptr addrspace(77) %to
  ret ptr addrspace(77) %new
}

; Another shape in a slot of the same class.
define ptr addrspace(77) @good_shape(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929215, i32 -2113929213, i32 1, i1 false)
  %to = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %y, ptr addrspace(77) %to
  ret ptr addrspace(77) %new
}

; Negative: a field that nobody stored to is returned with the object.
; CHECK: missing: used after its unit went: nothing was stored to the field of %new at offset 8 since its cell was reused
define ptr addrspace(77) @missing(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %at = getelementptr i8, ptr addrspace(77) %cell, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 1, i1 true)
  ret ptr addrspace(77) %new
}

; Negative: a callee sees it.
; CHECK-NEXT: seen: used after its unit went: nothing was stored to the field of %new at offset 8
declare void @borrow(ptr addrspace(77) )
define ptr addrspace(77) @seen(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %at = getelementptr i8, ptr addrspace(77) %cell, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 1, i1 true)
  call void @borrow(ptr addrspace(77) %new)
  %to = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %y, ptr addrspace(77) %to
  ret ptr addrspace(77) %new
}

; Negative: a release sees it.
; CHECK-NEXT: dropped: used after its unit went: nothing was stored to the field of %new at offset 8
define void @dropped(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %at = getelementptr i8, ptr addrspace(77) %cell, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 1, i1 true)
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret void
}

; Negative: a field of the new shape that the old one did not have.
; CHECK-NEXT: wider: used after its unit went: nothing was stored to the field of %new at offset 8
define ptr addrspace(77) @wider(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929215, i32 -2113929213, i32 1, i1 false)
  ret ptr addrspace(77) %new
}

; Negative: on one of two paths.
; CHECK-NEXT: path: used after its unit went: nothing was stored to the field of %new at offset 8
define ptr addrspace(77) @path(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y, i1 %c) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %at = getelementptr i8, ptr addrspace(77) %cell, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 1, i1 true)
  br i1 %c, label %store, label %out
store:
  %to = getelementptr i8, ptr addrspace(77) %new, i64 8
  call void @cairn.ref.incref(ptr addrspace(77) %y)
  store ptr addrspace(77) %y, ptr addrspace(77) %to
  br label %out
out:
  ret ptr addrspace(77) %new
}

; Negative: what is not kept holds nothing to read.
; CHECK-NEXT: stale: used after its unit went: nothing keeps %right alive here
define ptr addrspace(77) @stale(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929215, i32 -2113929213, i32 1, i1 false)
  %to = getelementptr i8, ptr addrspace(77) %new, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %to
  call void @borrow(ptr addrspace(77) %right)
  store ptr addrspace(77) %y, ptr addrspace(77) %to
  ret ptr addrspace(77) %new
}

; Negative: kept, and released as well.
; CHECK-NEXT: kept: released twice: %cell is kept in a field
define ptr addrspace(77) @kept(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929215, i32 -2113929215, i32 1, i1 true)
  ret ptr addrspace(77) %new
}

; Negative: kept, and released after.
; CHECK-NEXT: later: used after its unit went: %new still holds %left, which was released
define ptr addrspace(77) @later(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929215, i32 -2113929215, i32 1, i1 true)
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret ptr addrspace(77) %new
}

; Negative: neither kept nor released.
; CHECK-NEXT: lost: lost unit: what a field of %cell refers to is lost
define ptr addrspace(77) @lost(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929215, i32 -2113929215, i32 0, i1 true)
  store ptr addrspace(77) null, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; Negative: the kept field is stored to: the unit in it is lost.
; CHECK-NEXT: over: lost unit: what a field of %cell refers to is lost
define ptr addrspace(77) @over(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929215, i32 -2113929215, i32 1, i1 true)
  store ptr addrspace(77) %y, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; Negative: a larger slot.
; CHECK-NEXT: larger: wrong use of a cell: %cell becomes an object, but its header words do not say that the slot is as large
define ptr addrspace(77) @larger(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2130706432)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2130706432, i32 -2113929216, i32 0, i1 false)
  ret ptr addrspace(77) %new
}

; Negative: slots of no class may have any size.
; CHECK-NEXT: unknown: wrong use of a cell: %cell becomes an object, but its header words do not say that the slot is as large
define ptr addrspace(77) @unknown(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2147483648)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2147483648, i32 -2147483648, i32 0, i1 true)
  ret ptr addrspace(77) %new
}

; Negative: the cell is of another shape.
; CHECK-NEXT: shape: wrong use of a cell: %cell becomes an object, but the cell has another header word
define ptr addrspace(77) @shape(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929215)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 1, i1 true)
  ret ptr addrspace(77) %new
}

; Negative: it does not have the new header word.
; CHECK-NEXT: same: wrong use of a cell: %cell becomes an object, but it does not have that header word
define ptr addrspace(77) @same(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929216)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929216, i32 -2113929215, i32 0, i1 true)
  store ptr addrspace(77) null, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; Negative: a word that was no field is kept.
; CHECK-NEXT: number: wrong use of a cell: %cell becomes an object, but it keeps what is not a field of both
define ptr addrspace(77) @number(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929216)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929216, i32 -2113929215, i32 1, i1 false)
  ret ptr addrspace(77) %new
}

; Negative: null has no memory.
; CHECK-NEXT: null: wrong use of a cell: null becomes an object, but it may be null
define ptr addrspace(77) @null() {
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) null, i32 -2113929216, i32 -2113929216, i32 0, i1 true)
  ret ptr addrspace(77) %new
}

; The units that an object's fields hold are the function's once the cell is taken, one for each field. The
; header word says which words are fields.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; One field is returned, the other is released.
define ptr addrspace(77) @good(ptr addrspace(77) "cairn-owned" %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  ret ptr addrspace(77) %left
shared:
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

; Read through the cell, and used like a borrowed one before its unit is.
declare void @borrow(ptr addrspace(77) )
define ptr addrspace(77) @good_through(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  %at = getelementptr i8, ptr addrspace(77) %cell, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @borrow(ptr addrspace(77) %right)
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  %again = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  ret ptr addrspace(77) %again
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) null
}

; Null needs no unit.
define void @good_null(ptr addrspace(77) "cairn-owned" %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  %null = icmp eq ptr addrspace(77) %left, null
  br i1 %null, label %none, label %some
none:
  ret void
some:
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: a field that nobody reads.
; CHECK: unread: lost unit: what a field of %cell refers to is lost
define ptr addrspace(77) @unread(ptr addrspace(77) "cairn-owned" %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %left
shared:
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

; Negative: a field that is read and not released.
; CHECK-NEXT: unreleased: lost unit: a unit of %right is lost
define ptr addrspace(77) @unreleased(ptr addrspace(77) "cairn-owned" %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %left
shared:
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

; Negative: the retain that the unit of the field should have replaced.
; CHECK-NEXT: extra: lost unit: a unit of %left is lost
define ptr addrspace(77) @extra(ptr addrspace(77) "cairn-owned" %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929215, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929215)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %left
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

; Negative: the unit of one field is used twice: two loads of a field are one value.
; CHECK-NEXT: twice: released twice: %again is returned
define ptr addrspace(77) @twice(ptr addrspace(77) "cairn-owned" %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929215, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929215)
  %again = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret ptr addrspace(77) %again
shared:
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

; Negative: a word that is not a field by the header word.
; CHECK-NEXT: word: no unit: %left is returned
define ptr addrspace(77) @word(ptr addrspace(77) "cairn-owned" %x) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929216, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929216)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %left
shared:
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

; A cell is given back, or made an object again, exactly once on each path, and nothing reads it afterwards.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare void @cairn.ref.decref(ptr addrspace(77))

define i64 @good(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  %n = load i64, ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret i64 %n
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 0
}

; Negative: the memory is lost where the function ends.
; CHECK: lost: lost unit: the cell %cell is lost
define void @lost(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: on one of two paths.
; CHECK-NEXT: path: lost unit: the cell %cell is lost
define void @path(ptr addrspace(77) "cairn-owned" %x, i1 %c) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  br i1 %c, label %freed, label %out
freed:
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %out
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %out
out:
  ret void
}

; Negative: given back twice.
; CHECK-NEXT: twice: released twice: %cell is given back, but the cell went before on this path
define void @twice(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: given back and reused.
; CHECK-NEXT: reused: released twice: %cell is given back, but the cell went before on this path
define ptr addrspace(77) @reused(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2130706432, i32 -2130706432, i32 0, i1 true)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret ptr addrspace(77) %new
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) null
}

; Negative: read after it was given back.
; CHECK-NEXT: read: used after its unit went: nothing keeps %cell alive here
define i64 @read(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  %n = load i64, ptr addrspace(77) %cell
  ret i64 %n
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 0
}

; Negative: read by the name of the object that it was.
; CHECK-NEXT: object: used after its unit went: nothing keeps %x alive here
define i64 @object(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  %n = load i64, ptr addrspace(77) %x
  ret i64 %n
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 0
}

; Negative: released as the object that it was.
; CHECK-NEXT: released: released twice: %x is released
define void @released(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %shared
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: no cell is given back.
; CHECK-NEXT: object_given: wrong use of a cell: %x is given back, but it is no cell
define void @object_given(ptr addrspace(77) "cairn-owned" %x) {
  call void @cairn.ref.free.cell(ptr addrspace(77) %x)
  ret void
}

; A cell is taken only where a test on the path says that this is the last reference, with the header word
; that the cell is to have, and where nothing since the test may have made another reference.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@type = internal global { i32, i16, i16, i32, i32, ptr, ptr, ptr } { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

define void @good(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; The tag may be anything, in the mask too.
define void @good_tag(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130378752, i32 -1)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; A new object that nobody else knows yet.
define void @good_fresh() {
  %x = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929216)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
}

; Where this function has two units, the test cannot hold.
define void @good_never(ptr addrspace(77) %y) {
  call void @cairn.ref.incref(ptr addrspace(77) %y)
  call void @cairn.ref.incref(ptr addrspace(77) %y)
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %y, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %y, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %rest
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %y)
  br label %rest
rest:
  call void @cairn.ref.decref(ptr addrspace(77) %y)
  ret void
}

; The same where a select hides the second unit.
define void @good_select(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) %y, i1 %c) {
  %either = select i1 %c, ptr addrspace(77) %x, ptr addrspace(77) %y
  call void @cairn.ref.incref(ptr addrspace(77) %either)
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %rest
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %rest
rest:
  call void @cairn.ref.decref(ptr addrspace(77) %either)
  ret void
}

; Negative: no test.
; CHECK: untested: not the last: %x becomes a cell where it is not known that this is its last reference
define void @untested(ptr addrspace(77) "cairn-owned" %x) {
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
}

; Negative: on the wrong arm.
; CHECK-NEXT: swapped: not the last: %x becomes a cell
define void @swapped(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
shared:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
}

; Negative: the test is about another object.
; CHECK-NEXT: other: not the last: %x becomes a cell
define void @other(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %y, i32 -2130706432, i32 -16711681)
  call void @cairn.ref.decref(ptr addrspace(77) %y)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: the test is about another header word: its slot is larger.
; CHECK-NEXT: shape: not the last: %x becomes a cell
define void @shape(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929216)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: the test leaves out bits that say which words are fields.
; CHECK-NEXT: mask: not the last: %x becomes a cell
define void @mask(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711936)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: retained since.
; CHECK-NEXT: retained: not the last: %x becomes a cell
define void @retained(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: retained between the test and the branch.
; CHECK-NEXT: between: not the last: %x becomes a cell
define void @between(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  br label %out
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %out
out:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: the callee may have kept it.
; CHECK-NEXT: passed: not the last: %x becomes a cell
declare void @borrow(ptr addrspace(77) )
define void @passed(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  call void @borrow(ptr addrspace(77) %x)
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: a header word that is no plain object's.
; CHECK-NEXT: array: wrong use of a cell: %x becomes a cell, but its header word is no plain object's
define void @array(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -1610608639, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -1610608639)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; A static object is never the last reference: that arm is not walked, in which its field's unit would be lost.
@object = global [4 x i64] zeroinitializer
define void @good_static() {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) addrspacecast (ptr @object to ptr addrspace(77)), i32 -2080374780, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) addrspacecast (ptr @object to ptr addrspace(77)), i32 -2080374780)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  ret void
}

; CHECK: static_lost: lost unit
define void @static_lost(ptr addrspace(77) "cairn-owned" %x) {
  %at = getelementptr i8, ptr addrspace(77) %x, i64 16
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2080374780, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2080374780)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

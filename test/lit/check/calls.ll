; A call takes a unit of each argument whose parameter is owned, gives one with an owned
; result, and lends a borrowed one for as long as its arguments live.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @get()
declare "cairn-borrowed" ptr addrspace(77) @peek(ptr addrspace(77))
declare void @borrow(ptr addrspace(77))

declare void @both(ptr addrspace(77) "cairn-owned", ptr addrspace(77))
declare void @three(ptr addrspace(77) "cairn-owned", ptr addrspace(77) "cairn-owned", ptr addrspace(77) "cairn-owned")

define ptr addrspace(77) @good_moves(ptr addrspace(77) "cairn-owned" %p) {
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  call void @both(ptr addrspace(77) %p, ptr addrspace(77) %p)
  ret ptr addrspace(77) %p
}

define void @good_many(ptr addrspace(77) %p) {
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  call void @three(ptr addrspace(77) %p, ptr addrspace(77) %p, ptr addrspace(77) %p)
  ret void
}

define i64 @good_lent() {
  %p = call ptr addrspace(77) @get()
  %q = call ptr addrspace(77) @peek(ptr addrspace(77) %p)
  %v = load i64, ptr addrspace(77) %q
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret i64 %v
}

; Negative: a result that nobody gives back.
; CHECK: lost: lost unit: a unit of %p is lost where the function ends
define void @lost() {
  %p = call ptr addrspace(77) @get()
  ret void
}

; Negative: two units for three parameters.
; CHECK-NEXT: few: released twice: %p is passed to a parameter that takes a unit, but its unit went before
define void @few(ptr addrspace(77) "cairn-owned" %p) {
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  call void @three(ptr addrspace(77) %p, ptr addrspace(77) %p, ptr addrspace(77) %p)
  ret void
}

; Negative: the callee may release what it took while it still uses what it borrowed.
; CHECK-NEXT: same_call: used after its unit went: nothing keeps %p alive here
define void @same_call(ptr addrspace(77) "cairn-owned" %p) {
  call void @both(ptr addrspace(77) %p, ptr addrspace(77) %p)
  ret void
}

; Negative: the lender is gone.
; CHECK-NEXT: lender: used after its unit went: nothing keeps %q alive here: it has no unit, and what it was borrowed from is released or was written to
define void @lender() {
  %p = call ptr addrspace(77) @get()
  %q = call ptr addrspace(77) @peek(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @borrow(ptr addrspace(77) %q)
  ret void
}

; Negative: a borrowed value is no owned result.
; CHECK-NEXT: returned: no unit: %p is returned, but this function has no unit of it: it is only borrowed
define ptr addrspace(77) @returned(ptr addrspace(77) %p) {
  ret ptr addrspace(77) %p
}

; Negative: a local value is no borrowed result.
; CHECK-NEXT: local: lost unit: a unit of %p is lost where the function ends
define "cairn-borrowed" ptr addrspace(77) @local() {
  %p = call ptr addrspace(77) @get()
  ret ptr addrspace(77) %p
}

define "cairn-borrowed" ptr addrspace(77) @good_field(ptr addrspace(77) %p) {
  %q = load ptr addrspace(77), ptr addrspace(77) %p
  ret ptr addrspace(77) %q
}

; A retain waits for the release of the object only as long as nothing needs the count, and the field stays as
; it was.
; RUN: %opt -passes=cairn-specialise,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-specialise,cairn-certify -disable-output %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@first = internal constant [1 x i32] [i32 0]
@both = internal constant [2 x i32] [i32 0, i32 8]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }
@tree = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))

declare void @own(ptr addrspace(77) "cairn-owned")
declare void @any()
declare i64 @look(ptr addrspace(77)) memory(read)

; The module makes lists.
define ptr addrspace(77) @list_of(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %x, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; What only reads, counts other objects or makes new ones stops nothing.
; CHECK-LABEL: @good(
; CHECK: is.last
define ptr addrspace(77) @good(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %next)
  %n = call i64 @look(ptr addrspace(77) %next)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  call void @cairn.ref.decref(ptr addrspace(77) %y)
  store i64 %n, ptr addrspace(77) %new
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret ptr addrspace(77) %next
}

; Negative: the count goes into a field.
; CHECK-LABEL: @stored(
; CHECK-NOT: is.last
; CHECK: ret ptr addrspace(77)
define ptr addrspace(77) @stored(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  store ptr addrspace(77) %next, ptr addrspace(77) %new
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %new
}

; Negative: a callee takes it.
; CHECK-LABEL: @given(
; CHECK-NOT: is.last
; CHECK: ret void
define void @given(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @own(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: it is given back before.
; CHECK-LABEL: @released(
; CHECK-NOT: is.last
; CHECK: ret void
define void @released(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret void
}

; Negative: the field is written to, and what was there is another reference's.
; CHECK-LABEL: @written(
; CHECK-NOT: is.last
; CHECK: ret ptr addrspace(77)
define ptr addrspace(77) @written(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  store ptr addrspace(77) null, ptr addrspace(77) %x
  call void @cairn.ref.decref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
}

; Negative: a callee may write to it.
; CHECK-LABEL: @called(
; CHECK-NOT: is.last
; CHECK: ret ptr addrspace(77)
define ptr addrspace(77) @called(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @any()
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
}

; Negative: the field was stored over since it was loaded, in another block than the retain's. The object does not keep
; what was there.
; CHECK-LABEL: @overwritten(
; CHECK-NOT: is.last
; CHECK: ret void
define void @overwritten(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y, i1 %c) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  br i1 %c, label %over, label %on
over:
  %old = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %y)
  store ptr addrspace(77) %y, ptr addrspace(77) %x
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  br label %on
on:
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  call void @own(ptr addrspace(77) "cairn-owned" %next)
  call void @own(ptr addrspace(77) "cairn-owned" %next)
  call void @cairn.ref.decref(ptr addrspace(77) %y)
  ret void
}

; The same without the store: the field is as it was loaded, in whichever block that was.
; CHECK-LABEL: @earlier(
; CHECK: is.last
define void @earlier(ptr addrspace(77) "cairn-owned" %x, i1 %c) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  br i1 %c, label %look, label %on
look:
  %n = call i64 @look(ptr addrspace(77) %next)
  br label %on
on:
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  call void @own(ptr addrspace(77) "cairn-owned" %next)
  ret void
}

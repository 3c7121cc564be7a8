; A retain waits only while the object that holds the reference lives and the field stays as it was.
; RUN: %opt -passes=cairn-sink-retains,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-sink-retains,cairn-certify -disable-output %s

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
declare i1 @cairn.ref.is.unique(ptr addrspace(77))

declare void @any()
declare void @own(ptr addrspace(77) "cairn-owned")

; Negative: a callee may write to the field. So the count is taken before the call.
; CHECK-LABEL: @called(
; CHECK: br i1
; CHECK: a:
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: call void @any()
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %left)
; CHECK: b:
; CHECK-NEXT: ret void
define void @called(ptr addrspace(77) %x, i1 %c) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  br i1 %c, label %a, label %b
a:
  call void @any()
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret void
b:
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret void
}

; Negative: a store to the field.
; CHECK-LABEL: @stored(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: store
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %left)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %left)
define void @stored(ptr addrspace(77) %x) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  store ptr addrspace(77) null, ptr addrspace(77) %x
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret void
}

; Negative: the object goes first.
; CHECK-LABEL: @gone(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %x)
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %left)
define i64 @gone(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %n = load i64, ptr addrspace(77) %left
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret i64 %n
}

; Negative: the object is given away.
; CHECK-LABEL: @given(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: call void @own(ptr addrspace(77) %x)
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %left)
define i64 @given(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @own(ptr addrspace(77) %x)
  %n = load i64, ptr addrspace(77) %left
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret i64 %n
}

; Negative: the object is what another one lends, which goes.
; CHECK-LABEL: @lent(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %deep)
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %x)
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %deep)
define i64 @lent(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %deep = load ptr addrspace(77), ptr addrspace(77) %left
  call void @cairn.ref.incref(ptr addrspace(77) %deep)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %n = load i64, ptr addrspace(77) %deep
  call void @cairn.ref.decref(ptr addrspace(77) %deep)
  ret i64 %n
}

; Negative: who asks for the count gets the same answer.
; CHECK-LABEL: @asked(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: call i1 @cairn.ref.is.unique(
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %left)
define i1 @asked(ptr addrspace(77) %x) "cairn-counts-inserted" {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  %unique = call i1 @cairn.ref.is.unique(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret i1 %unique
}

; Negative: in a loop another object is walked each time: the retain does not go round.
; CHECK-LABEL: @loop(
; CHECK: loop:
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %next)
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %at)
; CHECK: br i1
define void @loop(ptr addrspace(77) "cairn-owned" %x, i1 %c) "cairn-counts-inserted" {
entry:
  br label %loop
loop:
  %at = phi ptr addrspace(77) [ %x, %entry ], [ %next, %loop ]
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %at)
  br i1 %c, label %loop, label %out
out:
  call void @cairn.ref.decref(ptr addrspace(77) %next)
  ret void
}

; Negative: it does not move into a loop.
; CHECK-LABEL: @into(
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %left)
; CHECK-NEXT: br label %loop
define void @into(ptr addrspace(77) %x, i1 %c) "cairn-counts-inserted" {
entry:
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  br label %loop
loop:
  %n = load volatile i64, ptr addrspace(77) %left
  br i1 %c, label %loop, label %out
out:
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  ret void
}

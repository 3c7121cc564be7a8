; A constant may be the address of an object, as in a JIT's code: a phi takes over its unit like any other's, and
; what keeps the phi's counts keeps the constant's. Null and undef have no counts.
; RUN: %opt -passes='cairn-pairs,verify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
@object = external global i64

; The unit comes in one arm only.
; CHECK-LABEL: @one_arm(
; CHECK: call void @cairn.incref(ptr inttoptr (i64 4096 to ptr))
; CHECK: call void @cairn.decref(ptr %p)
define void @one_arm(ptr %x, i1 %which) {
  br i1 %which, label %one, label %other
one:
  call void @cairn.incref(ptr inttoptr (i64 4096 to ptr))
  br label %join
other:
  br label %join
join:
  %p = phi ptr [ inttoptr (i64 4096 to ptr), %one ], [ %x, %other ]
  call void @cairn.decref(ptr %p)
  ret void
}

; The result is owned.
; CHECK-LABEL: @returned(
; CHECK: call void @cairn.incref(ptr @object)
; CHECK: call void @cairn.incref(ptr %x)
; CHECK: ret ptr %p
define ptr @returned(ptr %x, i1 %which) {
  br i1 %which, label %one, label %other
one:
  call void @cairn.incref(ptr @object)
  br label %join
other:
  call void @cairn.incref(ptr %x)
  br label %join
join:
  %p = phi ptr [ @object, %one ], [ %x, %other ]
  ret ptr %p
}

; CHECK-LABEL: @balanced(
; CHECK-NOT: call
; CHECK: ret void
define void @balanced(ptr %x, i1 %which) {
  br i1 %which, label %one, label %other
one:
  call void @cairn.incref(ptr @object)
  br label %join
other:
  call void @cairn.incref(ptr %x)
  br label %join
join:
  %p = phi ptr [ @object, %one ], [ %x, %other ]
  call void @cairn.decref(ptr %p)
  call void @cairn.decref(ptr undef)
  ret void
}

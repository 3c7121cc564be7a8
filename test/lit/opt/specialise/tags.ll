; A test of the tag on all ways to the release tells types apart that fit alike.
; RUN: %opt -passes=cairn-specialise,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@first = internal constant [1 x i32] [i32 0]
@both = internal constant [2 x i32] [i32 0, i32 8]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }
@tree = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc.tagged(ptr, i8)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))

; Lists have tag 1, trees tags 2 and 3.
define void @make() "cairn-counts-inserted" {
  %l = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @list, i8 1)
  %t = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @tree, i8 2)
  %u = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @tree, i8 3)
  call void @cairn.ref.decref(ptr addrspace(77) %l)
  call void @cairn.ref.decref(ptr addrspace(77) %t)
  call void @cairn.ref.decref(ptr addrspace(77) %u)
  ret void
}

; CHECK-LABEL: @branch(
; CHECK: is.last(ptr addrspace(77) %x, i32 -2113929215
; CHECK: other:
; CHECK-NOT: is.last
; CHECK: ret
define ptr addrspace(77) @branch(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %x)
  %is = icmp eq i8 %tag, 1
  br i1 %is, label %list, label %other
list:
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
; Negative: of the other branch nothing is known.
other:
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

; CHECK-LABEL: @switch(
; CHECK: is.last(ptr addrspace(77) %x, i32 -2113929213
; CHECK-NOT: is.last
; CHECK: is.last(ptr addrspace(77) %x, i32 -2113929215
; CHECK-NOT: is.last
; CHECK: ret ptr addrspace(77) %third
define ptr addrspace(77) @switch(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %x)
  %wide = zext i8 %tag to i32
  switch i32 %wide, label %other [
    i32 3, label %tree
    i32 1, label %list
  ]
tree:
  %first = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %first)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %first
list:
  %second = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %second)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %second
; Negative: any other tag.
other:
  %third = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %third)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %third
}

; Together with another condition.
; CHECK-LABEL: @and(
; CHECK: is.last(ptr addrspace(77) %x, i32 -2113929215
define ptr addrspace(77) @and(ptr addrspace(77) "cairn-owned" %x, i1 %c) "cairn-counts-inserted" {
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %x)
  %is = icmp eq i8 %tag, 1
  %both = and i1 %is, %c
  br i1 %both, label %list, label %other
list:
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
other:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) null
}

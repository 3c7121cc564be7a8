; Which type an object has is a guess: the only one that the module makes and that fits what is done with the
; object. If none or several fit, the release stays as it was.
; RUN: %opt -passes=cairn-specialise,verify -pass-remarks=cairn-specialise -pass-remarks-missed=cairn-specialise -S %s -o %t.ll 2>&1 | FileCheck %s --check-prefix=SAID
; RUN: FileCheck %s < %t.ll
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

@finish = external global i8
@both2 = internal constant [2 x i32] [i32 0, i32 8]
@final = internal global %cairn_type { i32 24, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr @finish, ptr null }

; The module makes lists.
define ptr addrspace(77) @list_of(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %x, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; The module makes trees.
define ptr addrspace(77) @tree_of(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %x, ptr addrspace(77) %new
  %at = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %y, ptr addrspace(77) %at
  ret ptr addrspace(77) %new
}

define void @final_of() "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @final)
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret void
}

; A number at offset 8: no tree.
; SAID: remark: {{.*}} the last reference moves 1 of the object's fields in place of counting them
; CHECK-LABEL: @number(
; CHECK: is.last(ptr addrspace(77) %x, i32 -2113929215
define ptr addrspace(77) @number(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %n = load i64, ptr addrspace(77) %at
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
}

; A reference at offset 8: a tree.
; SAID-NEXT: the last reference moves 1 of the object's fields in place of counting them
; CHECK-LABEL: @reference(
; CHECK: is.last(ptr addrspace(77) %x, i32 -2113929213
define ptr addrspace(77) @reference(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
}

; Negative: both fit.
; SAID-NEXT: a release of an object whose fields are retained: what is done with it fits no type that the module allocates, or several
; CHECK-LABEL: @either(
; CHECK-NOT: is.last
; CHECK: ret ptr addrspace(77)
define ptr addrspace(77) @either(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
}

; Negative: none fits. The type with a finaliser would, but its release does more.
; SAID-NEXT: a release of an object whose fields are retained: what is done with it fits no type that the module allocates, or several
; CHECK-LABEL: @none(
; CHECK-NOT: is.last
; CHECK: ret ptr addrspace(77)
define ptr addrspace(77) @none(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %at = getelementptr i8, ptr addrspace(77) %x, i64 16
  %n = load i64, ptr addrspace(77) %at
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %next
}
; SAID-NOT: remark

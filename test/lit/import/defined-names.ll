; A module that defines a name owns it there: the runtime can be compiled with the
; plugin. A name that is only used as a value stays too.
; RUN: %opt -passes=cairn-import -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

; CHECK: @table = global ptr @cairn_incref
@table = global ptr @cairn_incref

declare void @cairn_incref(ptr)

define ptr @cairn_malloc(i64 %n) {
  ret ptr null
}

; CHECK-LABEL: define ptr @user(
; CHECK: call ptr @cairn_malloc(i64 8)
; CHECK: call void @cairn.incref(
; Negative: a call through the table is not Cairn's to see.
; CHECK: call void %f(ptr %p)
define ptr @user() {
  %p = call ptr @cairn_malloc(i64 8)
  call void @cairn_incref(ptr %p)
  %f = load ptr, ptr @table
  call void %f(ptr %p)
  ret ptr %p
}

; What LLVM inferred about functions while counts were no memory of theirs does not
; outlive lowering: on the function, on its callers, on a declaration that another module's
; function left behind, and on calls. Else a caller would keep a header it read before.
; RUN: %ir %s > %t.ll
; RUN: %opt -passes=cairn-lower -S %t.ll | FileCheck %s
; RUN: %opt -passes="default<O2>" -S %t.ll | FileCheck %s --check-prefix=O2

target triple = "x86_64-unknown-linux-gnu"

declare void @cairn.set.tag(ptr, i8)
declare i8 @cairn.tag(ptr)
declare void @cairn.incref(ptr)
declare ptr @cairn.malloc(i64)

; CHECK: define void @set(ptr %p) [[NOUNWIND:#[0-9]+]]
define void @set(ptr captures(none) %p) noinline nounwind memory(inaccessiblemem: readwrite) {
  call void @cairn.set.tag(ptr %p, i8 9)
  ret void
}

; CHECK-LABEL: define void @caller(ptr %p) {
; CHECK: call void @set(ptr %p){{$}}
define void @caller(ptr readnone captures(none) %p) memory(inaccessiblemem: readwrite) {
  call void @set(ptr readnone %p) memory(inaccessiblemem: readwrite)
  ret void
}

; Two references to one object, counted through both, are no conflict to restrict.
; CHECK-LABEL: define void @two(ptr %p, ptr %q)
define void @two(ptr noalias %p, ptr noalias %q) {
  call void @cairn.incref(ptr %p)
  call void @cairn.incref(ptr %q)
  ret void
}

; CHECK-LABEL: define ptr @make()
define noalias ptr @make() {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}

; The tag is read again after the call.
; CHECK-LABEL: define i8 @around(
; CHECK: load i32
; CHECK: call void @set(
; CHECK: load i32
; O2-LABEL: define {{.*}}i8 @around(
; O2: load i32
; O2: call void @set(
; O2: load i32
define i8 @around(ptr %p) {
  %a = call i8 @cairn.tag(ptr %p)
  call void @set(ptr %p)
  %b = call i8 @cairn.tag(ptr %p)
  %s = sub i8 %b, %a
  ret i8 %s
}

; Negative: what counts nothing keeps what is said of it.
; CHECK: define void @other(ptr noalias [[READNOCAPTURE]] %p) [[OTHER:#[0-9]+]]
define void @other(ptr noalias readonly captures(none) %p) memory(argmem: read) {
  ret void
}

; CHECK: declare void @elsewhere(ptr)
; CHECK: declare i64 @strlen(ptr [[NOCAPTURE]]) [[STRLEN:#[0-9]+]]
declare void @elsewhere(ptr readnone) memory(inaccessiblemem: readwrite)
declare i64 @strlen(ptr captures(none)) memory(argmem: read)
define i64 @uses(ptr %p) {
  call void @elsewhere(ptr %p)
  %n = call i64 @strlen(ptr %p)
  ret i64 %n
}

; CHECK: attributes [[NOUNWIND]] = { noinline nounwind }
; CHECK: attributes [[OTHER]] = { memory(argmem: read) }

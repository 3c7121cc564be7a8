; Counts are inserted once. A function whose counts are there is left alone, also in a module that
; was linked of some with counts and some without.
; RUN: %opt -passes=cairn-insert -S %s -o %t.once.ll
; RUN: FileCheck %s --input-file=%t.once.ll
; RUN: %opt -passes=cairn-insert -S %t.once.ll -o %t.twice.ll
; RUN: sed 1d %t.once.ll > %t.first && sed 1d %t.twice.ll | diff %t.first -
; A module with counts and one without are linked.
; RUN: llvm-link %t.once.ll %S/Inputs/uncounted.ll -S -o %t.linked.ll
; RUN: %opt -passes=cairn-insert,cairn-certify -S %t.linked.ll | FileCheck %s --check-prefixes=CHECK,LINKED

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; CHECK: define void @once() #[[COUNTED:[0-9]+]]
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @once() {
  %m = call ptr addrspace(77) @make()
  call void @use(ptr addrspace(77) %m)
  ret void
}

; Negative: a frontend that writes its own counts says so.
; CHECK: define void @byhand(ptr addrspace(77) %p) #[[COUNTED]]
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %p)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %p)
; CHECK-NEXT: ret void
define void @byhand(ptr addrspace(77) %p) "cairn-counts-inserted" {
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; A function without references is marked, too: others may be inlined into it.
; CHECK: define void @nothing() #[[COUNTED]]
define void @nothing() {
  ret void
}

; LINKED-LABEL: define void @later()
; LINKED-NEXT: %m = call ptr addrspace(77) @make()
; LINKED-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; LINKED-NEXT: ret void

; CHECK: attributes #[[COUNTED]] = { "cairn-counts-inserted" }
; CHECK: !{i32 7, !"cairn-counts-inserted", i32 1}

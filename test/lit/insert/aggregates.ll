; A structure of references that a call returns gives each of them; one that is passed or returned is
; put together from units.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

%pair = type { ptr addrspace(77), i64, ptr addrspace(77) }
declare %pair @pair()
declare void @take.pair(%pair "cairn-owned")
declare <2 x ptr addrspace(77)> @vector()

; CHECK-LABEL: @one.used(
; CHECK-NEXT: %p = call %pair @pair()
; CHECK-NEXT: %1 = extractvalue %pair %p, 0
; CHECK-NEXT: %2 = extractvalue %pair %p, 1
; CHECK-NEXT: %3 = extractvalue %pair %p, 2
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %3)
; CHECK-NEXT: call void @use(ptr addrspace(77) %1)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %1)
; CHECK-NEXT: ret void
define void @one.used() {
  %p = call %pair @pair()
  %first = extractvalue %pair %p, 0
  call void @use(ptr addrspace(77) %first)
  ret void
}

; CHECK-LABEL: @put.together(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %1 = insertvalue %pair poison, ptr addrspace(77) %a, 0
; CHECK-NEXT: %2 = insertvalue %pair %1, i64 7, 1
; CHECK-NEXT: %3 = insertvalue %pair %2, ptr addrspace(77) %m, 2
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %a)
; CHECK-NEXT: ret %pair %3
define %pair @put.together(ptr addrspace(77) %a) {
  %m = call ptr addrspace(77) @make()
  %p = insertvalue %pair poison, ptr addrspace(77) %a, 0
  %q = insertvalue %pair %p, i64 7, 1
  %r = insertvalue %pair %q, ptr addrspace(77) %m, 2
  ret %pair %r
}

; CHECK-LABEL: @lane(
; CHECK-NEXT: %v = call <2 x ptr addrspace(77)> @vector()
; CHECK-NEXT: %1 = extractelement <2 x ptr addrspace(77)> %v, i64 0
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %1)
; CHECK-NEXT: %2 = extractelement <2 x ptr addrspace(77)> %v, i64 1
; CHECK-NEXT: ret ptr addrspace(77) %2
define ptr addrspace(77) @lane() {
  %v = call <2 x ptr addrspace(77)> @vector()
  %l = extractelement <2 x ptr addrspace(77)> %v, i32 1
  ret ptr addrspace(77) %l
}

; Negative: what goes on as it came is not counted.
; CHECK-LABEL: @passed.on(
; CHECK-NEXT: %p = call %pair @pair()
; CHECK-NEXT: %1 = extractvalue %pair %p, 0
; CHECK-NEXT: %2 = extractvalue %pair %p, 1
; CHECK-NEXT: %3 = extractvalue %pair %p, 2
; CHECK-NEXT: %4 = insertvalue %pair poison, ptr addrspace(77) %1, 0
; CHECK-NEXT: %5 = insertvalue %pair %4, i64 %2, 1
; CHECK-NEXT: %6 = insertvalue %pair %5, ptr addrspace(77) %3, 2
; CHECK-NEXT: call void @take.pair(%pair %6)
; CHECK-NEXT: ret void
define void @passed.on() {
  %p = call %pair @pair()
  call void @take.pair(%pair %p)
  ret void
}

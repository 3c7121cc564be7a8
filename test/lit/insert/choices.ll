; A choice between references that are not used afterwards takes the count of the one that it is,
; on each way. As a select it would have a count of its own, and both operands would be released.
; RUN: %opt -passes='cairn-insert<O2>,verify,cairn-certify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare void @take2(ptr addrspace(77) "cairn-owned", ptr addrspace(77) "cairn-owned")
declare ptr addrspace(77) @make()

; Two references change places, or not. No count is left, so that the selects are selects again.
; CHECK-LABEL: @exchange(
; CHECK-NEXT: %first = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
; CHECK-NEXT: %second = select i1 %c, ptr addrspace(77) %b, ptr addrspace(77) %a
; CHECK-NEXT: call void @take2(ptr addrspace(77) %first, ptr addrspace(77) %second)
; CHECK-NEXT: ret void
define void @exchange(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, i1 %c) {
  %first = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  %second = select i1 %c, ptr addrspace(77) %b, ptr addrspace(77) %a
  call void @take2(ptr addrspace(77) %first, ptr addrspace(77) %second)
  ret void
}

; One of two goes on, and the other is released: one count where there were three. A select may
; choose by poison as long as nobody uses the result; a branch may not.
; CHECK-LABEL: @one(
; CHECK: %[[C:.*]] = freeze i1 %c
; CHECK: br i1 %[[C]], label %[[THEN:.*]], label %[[ELSE:.*]]
; CHECK: [[THEN]]:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %b)
; CHECK: [[ELSE]]:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %a)
; CHECK: %x = phi
; CHECK-NEXT: call void @take(ptr addrspace(77) %x)
; CHECK-NEXT: ret void
define void @one(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, i1 %c) {
  %x = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @take(ptr addrspace(77) %x)
  ret void
}

; With null there is nothing to release on that way.
; CHECK-LABEL: @or.null(
; CHECK-NOT: cairn.ref.incref
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %a)
; CHECK-NOT: cairn.ref.decref
; CHECK: call void @take(ptr addrspace(77) %x)
define void @or.null(i1 %c) {
  %a = call ptr addrspace(77) @make()
  %x = select i1 %c, ptr addrspace(77) null, ptr addrspace(77) %a
  call void @take(ptr addrspace(77) %x)
  ret void
}

; Negative: both are used afterwards, and so are neither taken apart nor released.
; CHECK-LABEL: @alive(
; CHECK-NEXT: %x = select i1 %c
; CHECK-NOT: br i1
; CHECK: ret void
define void @alive(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, i1 %c) {
  %x = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @take(ptr addrspace(77) %x)
  call void @use(ptr addrspace(77) %a)
  call void @use(ptr addrspace(77) %b)
  ret void
}

; Negative: the caller keeps both, so that the choice is lent.
; CHECK-LABEL: @lent(
; CHECK-NEXT: %x = select i1 %c
; CHECK-NEXT: call void @use(ptr addrspace(77) %x)
; CHECK-NEXT: ret void
define void @lent(ptr addrspace(77) %a, ptr addrspace(77) %b, i1 %c) {
  %x = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @use(ptr addrspace(77) %x)
  ret void
}

; Negative: the first select is used before the second one, which stays where it is.
; CHECK-LABEL: @apart(
; CHECK: %first = select i1 %c
; CHECK: call void @use(ptr addrspace(77) %first)
; CHECK: %second = select i1 %c
define void @apart(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, i1 %c) {
  %first = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @use(ptr addrspace(77) %first)
  %second = select i1 %c, ptr addrspace(77) %b, ptr addrspace(77) %a
  call void @take2(ptr addrspace(77) %first, ptr addrspace(77) %second)
  ret void
}

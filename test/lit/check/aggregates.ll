; References in arguments and results that are aggregates.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

declare { ptr addrspace(77), i64, ptr addrspace(77) } @pair()
declare void @takes({ ptr addrspace(77), i64, ptr addrspace(77) } "cairn-owned")

define void @good() {
  %r = call { ptr addrspace(77), i64, ptr addrspace(77) } @pair()
  %a = extractvalue { ptr addrspace(77), i64, ptr addrspace(77) } %r, 0
  %b = extractvalue { ptr addrspace(77), i64, ptr addrspace(77) } %r, 2
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

define { ptr addrspace(77), i64, ptr addrspace(77) } @good_built(ptr addrspace(77) %a) {
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  %x = insertvalue { ptr addrspace(77), i64, ptr addrspace(77) } poison, ptr addrspace(77) %a, 0
  %y = insertvalue { ptr addrspace(77), i64, ptr addrspace(77) } %x, i64 1, 1
  %z = insertvalue { ptr addrspace(77), i64, ptr addrspace(77) } %y, ptr addrspace(77) %a, 2
  ret { ptr addrspace(77), i64, ptr addrspace(77) } %z
}

; Negative: one of two.
; CHECK: half: lost unit: a unit of %r is lost where the function ends
define void @half() {
  %r = call { ptr addrspace(77), i64, ptr addrspace(77) } @pair()
  %a = extractvalue { ptr addrspace(77), i64, ptr addrspace(77) } %r, 0
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; CHECK-NEXT: passed: {{.*}}%z is passed to a parameter that takes a unit
define void @passed(ptr addrspace(77) %a) {
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  %x = insertvalue { ptr addrspace(77), i64, ptr addrspace(77) } poison, ptr addrspace(77) %a, 0
  %z = insertvalue { ptr addrspace(77), i64, ptr addrspace(77) } %x, ptr addrspace(77) %a, 2
  call void @takes({ ptr addrspace(77), i64, ptr addrspace(77) } %z)
  ret void
}

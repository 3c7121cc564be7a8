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

; LLVM puts a constant in the place of a part that all callers pass: null, which has no unit.
define internal { ptr addrspace(77), i64 } @good_passed({ ptr addrspace(77), i64 } returned %g) {
  call void @cairn.ref.incref(ptr addrspace(77) null)
  ret { ptr addrspace(77), i64 } %g
}

define void @good_passes(i64 %n) {
  %a = insertvalue { ptr addrspace(77), i64 } { ptr addrspace(77) null, i64 poison }, i64 %n, 1
  %r = call { ptr addrspace(77), i64 } @good_passed({ ptr addrspace(77), i64 } %a)
  %s = call { ptr addrspace(77), i64 } @good_passed({ ptr addrspace(77), i64 } { ptr addrspace(77) null, i64 7 })
  ret void
}

; Others may call it, or one caller passes something else.
; CHECK: exported: no unit: %g is returned
define { ptr addrspace(77), i64 } @exported({ ptr addrspace(77), i64 } returned %g) {
  ret { ptr addrspace(77), i64 } %g
}

; CHECK: sometimes: no unit: %g is returned
define internal { ptr addrspace(77), i64 } @sometimes({ ptr addrspace(77), i64 } returned %g) {
  ret { ptr addrspace(77), i64 } %g
}

define void @good_both({ ptr addrspace(77), i64 } %g) {
  %r = call { ptr addrspace(77), i64 } @sometimes({ ptr addrspace(77), i64 } { ptr addrspace(77) null, i64 7 })
  %s = call { ptr addrspace(77), i64 } @sometimes({ ptr addrspace(77), i64 } %g)
  %p = extractvalue { ptr addrspace(77), i64 } %s, 0
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

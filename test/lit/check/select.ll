; A select is one of two objects. One release of a select, as LLVM makes of releases in two arms,
; releases the one that its condition names.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @eat(ptr addrspace(77) "cairn-owned")

define void @good_merged(i1 %c, ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
  %s = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  %t = select i1 %c, ptr addrspace(77) %b, ptr addrspace(77) %a
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  call void @cairn.ref.decref(ptr addrspace(77) %t)
  ret void
}

define void @good_own(i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b) {
  %s = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @cairn.ref.incref(ptr addrspace(77) %s)
  call void @eat(ptr addrspace(77) %s)
  ret void
}

; The branch decides the select.
define void @good_decided(i1 %c, ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
  %s = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  br i1 %c, label %x, label %y
x:
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
y:
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

define void @good_null(i1 %c, ptr addrspace(77) "cairn-owned" %a) {
  %s = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) null
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  br i1 %c, label %end, label %y
y:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  br label %end
end:
  ret void
}

; Negative: the same select twice.
; CHECK: twice: {{released twice|no unit}}: %s is released
define void @twice(i1 %c, ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
  %s = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  ret void
}

; Negative: what the select did not take is lost.
; CHECK: rest: lost unit: a unit of %{{a|b}} is lost
define void @rest(i1 %c, ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
  %s = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  ret void
}

; Negative: the wrong arm.
; CHECK: arm: {{lost unit|released twice}}
define void @arm(i1 %c, ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
  %s = select i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b
  br i1 %c, label %x, label %y
x:
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
y:
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

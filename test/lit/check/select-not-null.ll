; A select that is found not to be null is its other arm where one of its arms is null: LLVM puts the name of that arm
; for it. So the path on which it would be the null is not walked, and units that the select has are the arm's.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))

define void @good(i1 %z, ptr addrspace(77) "cairn-owned" %a) {
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) null
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  %n = icmp eq ptr addrspace(77) %p, null
  br i1 %n, label %none, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
none:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; The select of a select.
define void @good_twice(i1 %z, i1 %y, ptr addrspace(77) "cairn-owned" %a) {
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) null
  %q = select i1 %y, ptr addrspace(77) null, ptr addrspace(77) %p
  call void @cairn.ref.incref(ptr addrspace(77) %q)
  %n = icmp eq ptr addrspace(77) %q, null
  br i1 %n, label %none, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
none:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Negative: it may be null here.
; CHECK: not_asked: released twice: %a is released
define void @not_asked(i1 %z, ptr addrspace(77) "cairn-owned" %a) {
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) null
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Negative: one time too often.
; CHECK: too_often: released twice: %a is released
define void @too_often(i1 %z, ptr addrspace(77) "cairn-owned" %a) {
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) null
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  %n = icmp eq ptr addrspace(77) %p, null
  br i1 %n, label %none, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
none:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Negative: not enough.
; CHECK: not_enough: lost unit: a unit of %a is lost
define void @not_enough(i1 %z, ptr addrspace(77) "cairn-owned" %a) {
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) null
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  %n = icmp eq ptr addrspace(77) %p, null
  br i1 %n, label %none, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
none:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

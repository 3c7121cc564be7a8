; Where two references are equal, they are one object: LLVM writes one for the other there.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good(ptr addrspace(77) "cairn-owned" %p, ptr addrspace(77) "cairn-owned" %q) {
entry:
  %same = icmp eq ptr addrspace(77) %p, %q
  br i1 %same, label %one, label %two
one:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
two:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret void
}

; Negative.
; CHECK: wrong: {{lost unit: a unit of %q is lost|released twice}}{{.*}} path: %entry -> %two
define void @wrong(ptr addrspace(77) "cairn-owned" %p, ptr addrspace(77) "cairn-owned" %q) {
entry:
  %same = icmp eq ptr addrspace(77) %p, %q
  br i1 %same, label %one, label %two
one:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret void
two:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Loops with two entries.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @borrow(ptr addrspace(77))

define void @good(ptr addrspace(77) "cairn-owned" %p, i1 %c) {
entry:
  br i1 %c, label %a, label %b
a:
  call void @borrow(ptr addrspace(77) %p)
  br i1 %c, label %b, label %end
b:
  call void @borrow(ptr addrspace(77) %p)
  br i1 %c, label %a, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: one of the two retains.
; CHECK: more: grows with each pass: %p has more units each time round the loop
define void @more(ptr addrspace(77) "cairn-owned" %p, i1 %c, i1 %d) {
entry:
  br i1 %c, label %a, label %b
a:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br i1 %d, label %b, label %end
b:
  call void @borrow(ptr addrspace(77) %p)
  br i1 %d, label %a, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

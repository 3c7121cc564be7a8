; A function that decides by too many flags at once what it owns is not decided, and the certifier says so.
; RUN: not %certify --again=32 %s | FileCheck %s --implicit-check-not=good
; CHECK: many: not decided: the certifier cannot decide: too many states of '%{{.*}}' differ in what they own

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good_few(ptr addrspace(77) %p, i1 %c0, i1 %c1, i1 %c2, i1 %c3) {
entry:
  br label %a0
a0:
  br i1 %c0, label %t0, label %a1
t0:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a1
a1:
  br i1 %c1, label %t1, label %a2
t1:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a2
a2:
  br i1 %c2, label %t2, label %a3
t2:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a3
a3:
  br i1 %c3, label %t3, label %a4
t3:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a4
a4:
  br label %b0
b0:
  br i1 %c0, label %d0, label %b1
d0:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b1
b1:
  br i1 %c1, label %d1, label %b2
d1:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b2
b2:
  br i1 %c2, label %d2, label %b3
d2:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b3
b3:
  br i1 %c3, label %d3, label %b4
d3:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b4
b4:
  ret void
}

; Negative: 128 states.
define void @many(ptr addrspace(77) %p, i1 %c0, i1 %c1, i1 %c2, i1 %c3, i1 %c4, i1 %c5, i1 %c6) {
entry:
  br label %a0
a0:
  br i1 %c0, label %t0, label %a1
t0:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a1
a1:
  br i1 %c1, label %t1, label %a2
t1:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a2
a2:
  br i1 %c2, label %t2, label %a3
t2:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a3
a3:
  br i1 %c3, label %t3, label %a4
t3:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a4
a4:
  br i1 %c4, label %t4, label %a5
t4:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a5
a5:
  br i1 %c5, label %t5, label %a6
t5:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a6
a6:
  br i1 %c6, label %t6, label %a7
t6:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %a7
a7:
  br label %b0
b0:
  br i1 %c0, label %d0, label %b1
d0:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b1
b1:
  br i1 %c1, label %d1, label %b2
d1:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b2
b2:
  br i1 %c2, label %d2, label %b3
d2:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b3
b3:
  br i1 %c3, label %d3, label %b4
d3:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b4
b4:
  br i1 %c4, label %d4, label %b5
d4:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b5
b5:
  br i1 %c5, label %d5, label %b6
d5:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b6
b6:
  br i1 %c6, label %d6, label %b7
d6:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %b7
b7:
  ret void
}

; What is found after states were joined for lack of room may be on no path. Then another walk has more room, and what
; that does not find is not reported.
; RUN: not %certify --states=1 --again=1 %s | FileCheck %s --check-prefix=ONE
; RUN: not %certify --states=1 --again=4 %s | FileCheck %s --implicit-check-not=good
; ONE: good: lost unit: a unit of %x is lost

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @get()
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good(i1 %k) {
  br i1 %k, label %make, label %none
make:
  %x = call ptr addrspace(77) @get()
  br label %both
none:
  br label %both
both:
  %n = phi ptr addrspace(77) [ %x, %make ], [ null, %none ]
  br i1 %k, label %drop, label %end
drop:
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  br label %end
end:
  ret void
}

; Negative: the other way round, it is lost.
; CHECK: crossed: lost unit: a unit of %x is lost
define void @crossed(i1 %k) {
  br i1 %k, label %make, label %none
make:
  %x = call ptr addrspace(77) @get()
  br label %both
none:
  br label %both
both:
  %n = phi ptr addrspace(77) [ %x, %make ], [ null, %none ]
  br i1 %k, label %end, label %drop
drop:
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  br label %end
end:
  ret void
}

; A loop asks the same question in each round, where it asks about a value from outside: that it went
; on says that the answer was no. Behind the loop LLVM names what a variable of the loop was at first.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare i1 @more()
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good_first(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) %p, ptr addrspace(77) %q) {
entry:
  %c = icmp eq ptr addrspace(77) %p, %q
  br label %loop
loop:
  %x = phi ptr addrspace(77) [ %a, %entry ], [ %n, %again ]
  %n = call ptr addrspace(77) @make()
  br i1 %c, label %out, label %away
away:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %more = call i1 @more()
  br i1 %more, label %again, label %end
again:
  br label %loop
out:
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
end:
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  ret void
}

; Negative: the question is another one in each round.
; CHECK: bad_first: lost unit: a unit of %n is lost
define void @bad_first(ptr addrspace(77) "cairn-owned" %a) {
entry:
  br label %loop
loop:
  %x = phi ptr addrspace(77) [ %a, %entry ], [ %n, %again ]
  %n = call ptr addrspace(77) @make()
  %c = call i1 @more()
  br i1 %c, label %out, label %away
away:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %more = call i1 @more()
  br i1 %more, label %again, label %end
again:
  br label %loop
out:
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
end:
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  ret void
}

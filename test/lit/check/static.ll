; Static objects, null, undef and poison need no units: counts of them change nothing.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @eat(ptr addrspace(77) "cairn-owned")

@object = internal global [4 x i64] zeroinitializer

define ptr addrspace(77) @good(i1 %c) {
entry:
  br i1 %c, label %x, label %y
x:
  ret ptr addrspace(77) addrspacecast (ptr getelementptr (i8, ptr @object, i64 16) to ptr addrspace(77))
y:
  call void @eat(ptr addrspace(77) undef)
  call void @eat(ptr addrspace(77) addrspacecast (ptr getelementptr (i8, ptr @object, i64 16) to ptr addrspace(77)))
  call void @cairn.ref.decref(ptr addrspace(77) null)
  ret ptr addrspace(77) poison
}

define void @good_mixed(ptr addrspace(77) "cairn-owned" %p, i1 %c) {
  %s = select i1 %c, ptr addrspace(77) %p, ptr addrspace(77) addrspacecast (ptr getelementptr (i8, ptr @object, i64 16) to ptr addrspace(77))
  br i1 %c, label %end, label %other
other:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  ret void
}

; Negative: it is another object.
; CHECK: lost: lost unit: a unit of %p is lost
define void @lost(ptr addrspace(77) "cairn-owned" %p, i1 %c) {
  %s = select i1 %c, ptr addrspace(77) %p, ptr addrspace(77) addrspacecast (ptr getelementptr (i8, ptr @object, i64 16) to ptr addrspace(77))
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  ret void
}

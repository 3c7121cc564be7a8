; Units belong to objects, whatever names they have: phi, freeze, and casts name them again.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good_phi(i1 %c, ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
entry:
  br i1 %c, label %x, label %y
x:
  br label %end
y:
  br label %end
end:
  %first = phi ptr addrspace(77) [ %a, %x ], [ %b, %y ]
  %second = phi ptr addrspace(77) [ %b, %x ], [ %a, %y ]
  call void @cairn.ref.decref(ptr addrspace(77) %first)
  call void @cairn.ref.decref(ptr addrspace(77) %second)
  ret void
}

; The unit of the phi is that of %a on both edges.
define void @good_same(i1 %c, ptr addrspace(77) "cairn-owned" %a) {
entry:
  %f = freeze ptr addrspace(77) %a
  br i1 %c, label %x, label %y
x:
  br label %end
y:
  br label %end
end:
  %p = phi ptr addrspace(77) [ %a, %x ], [ %f, %y ]
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: two names of one object, and one unit.
; CHECK: same: released twice: %p is released
define void @same(i1 %c, ptr addrspace(77) "cairn-owned" %a) {
entry:
  br i1 %c, label %x, label %y
x:
  br label %end
y:
  br label %end
end:
  %p = phi ptr addrspace(77) [ %a, %x ], [ %a, %y ]
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: the phi is another object than the one that is released on one path.
; CHECK-NEXT: other: lost unit: a unit of %a is lost where the path goes on; path: %entry -> %y
define void @other(i1 %c, ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
entry:
  br i1 %c, label %x, label %y
x:
  br label %end
y:
  br label %end
end:
  %p = phi ptr addrspace(77) [ %a, %x ], [ %b, %y ]
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

; A pointer into an object keeps nothing alive, and is the object's: through offsets, phis and
; selects.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good(ptr addrspace(77) "cairn-owned" %p, ptr addrspace(77) "cairn-owned" %q, i1 %c, ptr addrspace(77) "cairn-owned" %new) {
entry:
  %pf = getelementptr i8, ptr addrspace(77) %p, i64 8
  %qf = getelementptr i8, ptr addrspace(77) %q, i64 16
  br i1 %c, label %x, label %y
x:
  br label %end
y:
  br label %end
end:
  %at = phi ptr addrspace(77) [ %pf, %x ], [ %qf, %y ]
  %old = load ptr addrspace(77), ptr addrspace(77) %at
  store ptr addrspace(77) %new, ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret void
}

; Negative: used after the object went, on one path.
; CHECK: late: used after its unit went: nothing keeps %{{at|p|q}} alive here{{.*}} path: %entry -> %y -> %end
define i64 @late(ptr addrspace(77) "cairn-owned" %p, ptr addrspace(77) "cairn-owned" %q, i1 %c) {
entry:
  %pf = getelementptr i8, ptr addrspace(77) %p, i64 8
  %qf = getelementptr i8, ptr addrspace(77) %q, i64 8
  br i1 %c, label %x, label %y
x:
  br label %end
y:
  br label %end
end:
  %at = phi ptr addrspace(77) [ %pf, %x ], [ %qf, %y ]
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  %v = load i64, ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret i64 %v
}

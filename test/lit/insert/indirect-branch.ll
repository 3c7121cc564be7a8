; A block that an indirect branch goes to cannot be split from it. What all ways into the block release
; is released where it starts, and the ways that are no indirect branch are sent elsewhere.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

; CHECK-LABEL: @interpreter(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: br i1 %c, label %direct, label %dispatch
; CHECK: direct:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %one.clone
; CHECK: dispatch:
; CHECK-NEXT: indirectbr ptr %to, [label %one, label %two]
; CHECK: one:
; CHECK-NEXT: %ind = phi ptr addrspace(77) [ %m, %dispatch ]
; CHECK-NEXT: br label %.split
; CHECK: .split:
; CHECK-NEXT: %merge = phi ptr addrspace(77) [ %ind, %one ], [ %v.clone, %one.clone ]
; CHECK-NEXT: call void @take(ptr addrspace(77) %merge)
; CHECK-NEXT: ret void
; CHECK: two:
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
; CHECK: one.clone:
; CHECK-NEXT: %v.clone = phi ptr addrspace(77) [ null, %direct ]
; CHECK-NEXT: br label %.split
define void @interpreter(ptr %to, i1 %c) {
entry:
  %m = call ptr addrspace(77) @make()
  br i1 %c, label %direct, label %dispatch
direct:
  br label %one
dispatch:
  indirectbr ptr %to, [label %one, label %two]
one:
  %v = phi ptr addrspace(77) [ null, %direct ], [ %m, %dispatch ]
  call void @take(ptr addrspace(77) %v)
  ret void
two:
  call void @use(ptr addrspace(77) %m)
  ret void
}

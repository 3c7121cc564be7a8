; What dies is released right after its last borrowing use, before anything else that the
; function does, or where it is defined if nothing uses it. So a loop holds no more than it needs.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

declare void @other()

; CHECK-LABEL: @after.last.use(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: call void @other()
; CHECK-NEXT: ret void
define void @after.last.use() {
  %m = call ptr addrspace(77) @make()
  call void @use(ptr addrspace(77) %m)
  call void @other()
  ret void
}

; CHECK-LABEL: @unused.result(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: call void @other()
; CHECK-NEXT: ret void
define void @unused.result() {
  %m = call ptr addrspace(77) @make()
  call void @other()
  ret void
}

; CHECK-LABEL: @unused.parameter(
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %p)
; CHECK-NEXT: call void @other()
; CHECK-NEXT: ret void
define void @unused.parameter(ptr addrspace(77) "cairn-owned" %p) {
  call void @other()
  ret void
}

; A comparison is a use: another object could be at the same address meanwhile.
; CHECK-LABEL: @compared(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %same = icmp eq ptr addrspace(77) %m, %q
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret i1 %same
define i1 @compared(ptr addrspace(77) %q) {
  %m = call ptr addrspace(77) @make()
  %same = icmp eq ptr addrspace(77) %m, %q
  ret i1 %same
}

; A φ that nothing uses is released where its block starts.
; CHECK-LABEL: @unused.phi(
; CHECK: entry:
; CHECK-NEXT: %a = call ptr addrspace(77) @make()
; CHECK-NEXT: br i1 %c, label %left, label %right
; CHECK: left:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %a)
; CHECK-NEXT: %b = call ptr addrspace(77) @make()
; CHECK-NEXT: br label %right
; CHECK: right:
; CHECK-NEXT: %p = phi ptr addrspace(77) [ %a, %entry ], [ %b, %left ]
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %p)
; CHECK-NEXT: call void @other()
; CHECK-NEXT: ret void
define void @unused.phi(i1 %c) {
entry:
  %a = call ptr addrspace(77) @make()
  br i1 %c, label %left, label %right
left:
  %b = call ptr addrspace(77) @make()
  br label %right
right:
  %p = phi ptr addrspace(77) [ %a, %entry ], [ %b, %left ]
  call void @other()
  ret void
}

; Negative: a borrowed parameter is the caller's.
; CHECK-LABEL: @borrowed.parameter(
; CHECK-NEXT: call void @use(ptr addrspace(77) %p)
; CHECK-NEXT: call void @other()
; CHECK-NEXT: ret void
define void @borrowed.parameter(ptr addrspace(77) %p) {
  call void @use(ptr addrspace(77) %p)
  call void @other()
  ret void
}

; Negative: null and static objects have no counts.
@static = external global i8
; CHECK-LABEL: @constants(
; CHECK-NEXT: call void @use(ptr addrspace(77) null)
; CHECK-NEXT: call void @take(ptr addrspace(77) null)
; CHECK-NEXT: call void @take(ptr addrspace(77) addrspacecast (ptr @static to ptr addrspace(77)))
; CHECK-NEXT: ret void
define void @constants() {
  call void @use(ptr addrspace(77) null)
  call void @take(ptr addrspace(77) null)
  call void @take(ptr addrspace(77) addrspacecast (ptr @static to ptr addrspace(77)))
  ret void
}

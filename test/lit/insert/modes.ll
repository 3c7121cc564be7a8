; A function that no other module can call owns a parameter that it stores, returns, or passes to
; one that owns it: the caller's count moves in, in place of a pair of counts.
; RUN: opt -load-pass-plugin=%plugin -passes=cairn-modes -pass-remarks-analysis=cairn-modes -S %s 2>&1 | FileCheck %s

; CHECK: parameter 1 of kept is owned: it is stored
; CHECK: parameter 1 of passed.on is owned: it is passed to a function that takes the count over
; CHECK: parameter 2 of joined is owned: it is returned
; CHECK: parameter 1 of made is owned: a caller ends with a call that passes it
; CHECK: parameter 1 of read is borrowed: nothing takes its count over
; CHECK: parameter 1 of looped is borrowed: nothing takes its count over

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @outside(ptr addrspace(77))
@type = external global i8

; CHECK: define internal void @kept(ptr addrspace(77) "cairn-owned" %v, ptr addrspace(77) %to)
define internal void @kept(ptr addrspace(77) %v, ptr addrspace(77) %to) {
  store ptr addrspace(77) %v, ptr addrspace(77) %to
  ret void
}

; CHECK: define internal void @passed.on(ptr addrspace(77) "cairn-owned" %v, ptr addrspace(77) %to)
define internal void @passed.on(ptr addrspace(77) %v, ptr addrspace(77) %to) {
  call void @kept(ptr addrspace(77) %v, ptr addrspace(77) %to)
  ret void
}

; Negative: its fields are read and stored, it is not.
; CHECK: define internal void @read(ptr addrspace(77) %v, ptr addrspace(77) %to)
define internal void @read(ptr addrspace(77) %v, ptr addrspace(77) %to) {
  %f = load ptr addrspace(77), ptr addrspace(77) %v
  store ptr addrspace(77) %f, ptr addrspace(77) %to
  call void @outside(ptr addrspace(77) %v)
  ret void
}

; Through φ and select.
; CHECK: define internal ptr addrspace(77) @joined(i1 %c, ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b)
define internal ptr addrspace(77) @joined(i1 %c, ptr addrspace(77) %a, ptr addrspace(77) %b) {
  br i1 %c, label %left, label %right
left:
  br label %right
right:
  %p = phi ptr addrspace(77) [ %a, %0 ], [ %b, %left ]
  %s = select i1 %c, ptr addrspace(77) %p, ptr addrspace(77) %b
  ret ptr addrspace(77) %s
}

; What a borrowed parameter lends is not released after the call.
; CHECK: define internal i64 @looped(ptr addrspace(77) %v)
define internal i64 @looped(ptr addrspace(77) %v) {
  %next = load ptr addrspace(77), ptr addrspace(77) %v
  %end = icmp eq ptr addrspace(77) %next, null
  br i1 %end, label %done, label %more
done:
  ret i64 0
more:
  %r = tail call i64 @looped(ptr addrspace(77) %next)
  ret i64 %r
}

; A release after the call would make a recursion of the loop.
; CHECK: define internal i64 @made(ptr addrspace(77) "cairn-owned" %v)
define internal i64 @made(ptr addrspace(77) %v) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  %r = tail call i64 @made(ptr addrspace(77) %new)
  ret i64 %r
}

; Negative: another module may call it, or a pointer to it, or it says what it does.
; CHECK: define void @exported(ptr addrspace(77) %v, ptr addrspace(77) %to)
define void @exported(ptr addrspace(77) %v, ptr addrspace(77) %to) {
  call void @kept(ptr addrspace(77) %v, ptr addrspace(77) %to)
  call void @passed.on(ptr addrspace(77) %v, ptr addrspace(77) %to)
  call void @read(ptr addrspace(77) %v, ptr addrspace(77) %to)
  %j = call ptr addrspace(77) @joined(i1 true, ptr addrspace(77) %v, ptr addrspace(77) %to)
  %n = call i64 @looped(ptr addrspace(77) %v)
  store ptr @pointed, ptr @type
  call void @said(ptr addrspace(77) %v, ptr addrspace(77) %to)
  ret void
}
; CHECK: define internal void @pointed(ptr addrspace(77) %v, ptr addrspace(77) %to)
define internal void @pointed(ptr addrspace(77) %v, ptr addrspace(77) %to) {
  store ptr addrspace(77) %v, ptr addrspace(77) %to
  ret void
}
; CHECK: define internal void @said(ptr addrspace(77) "cairn-borrowed" %v, ptr addrspace(77) %to)
define internal void @said(ptr addrspace(77) "cairn-borrowed" %v, ptr addrspace(77) %to) {
  store ptr addrspace(77) %v, ptr addrspace(77) %to
  ret void
}

; Counts stay where one of them may be the last, or gives a unit to somebody else.
; RUN: %opt -passes='cairn-pairs,verify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)
declare void @unknown()
declare void @take(ptr)

; A node is given to somebody in the loop.
; CHECK-LABEL: @given(
; CHECK: loop:
; CHECK: call void @cairn.incref(ptr %next)
; CHECK: call void @cairn.decref(ptr %node)
define void @given(ptr %first) {
  call void @cairn.incref(ptr %first)
  br label %loop
loop:
  %node = phi ptr [ %first, %0 ], [ %next, %loop ]
  %next = load ptr, ptr %node
  call void @cairn.incref(ptr %next)
  call void @take(ptr %node)
  call void @cairn.decref(ptr %node)
  %last = icmp eq ptr %next, null
  br i1 %last, label %end, label %loop
end:
  ret void
}

; The unit of the first node is given back from the last: of a ring these are the same, of nothing else.
; CHECK-LABEL: @ring(
; CHECK-NEXT: call void @cairn.incref(ptr %first)
; CHECK: end:
; CHECK-NEXT: call void @cairn.decref(ptr %node)
define void @ring(ptr %first) {
  call void @cairn.incref(ptr %first)
  br label %loop
loop:
  %node = phi ptr [ %first, %0 ], [ %next, %loop ]
  %next = load ptr, ptr %node
  %last = icmp eq ptr %next, %first
  br i1 %last, label %end, label %loop
end:
  call void @cairn.decref(ptr %node)
  ret void
}

; The same of a value that a loop makes anew.
; CHECK-LABEL: @anew(
; CHECK: loop:
; CHECK: call void @cairn.incref(ptr %x)
; CHECK: end:
; CHECK-NEXT: call void @cairn.decref(ptr %x)
define void @anew(ptr %p, i1 %again, i1 %more) {
  br label %loop
loop:
  %x = load ptr, ptr %p
  br i1 %more, label %some, label %next
some:
  call void @cairn.incref(ptr %x)
  br label %next
next:
  br i1 %again, label %loop, label %end
end:
  call void @cairn.decref(ptr %x)
  ret void
}

; One unit, and two phis of the object: each name is given back.
; CHECK-LABEL: @two(
; CHECK: join:
; CHECK: call void @cairn.decref(ptr %a)
; CHECK-NEXT: call void @cairn.decref(ptr %b)
define void @two(ptr %x, ptr %y, i1 %which) {
  br i1 %which, label %one, label %other
one:
  call void @cairn.incref(ptr %x)
  br label %join
other:
  call void @cairn.incref(ptr %y)
  br label %join
join:
  %a = phi ptr [ %x, %one ], [ %y, %other ]
  %b = phi ptr [ %x, %one ], [ %y, %other ]
  call void @cairn.decref(ptr %a)
  call void @cairn.decref(ptr %b)
  ret void
}

; On one way the unit moves into memory.
; CHECK-LABEL: @moved(
; CHECK: call void @cairn.incref(ptr %x)
; CHECK: call void @cairn.decref(ptr %x)
define void @moved(ptr %x, ptr %to, i1 %which) {
  call void @cairn.incref(ptr %x)
  br i1 %which, label %store, label %drop
store:
  store ptr %x, ptr %to
  ret void
drop:
  call void @cairn.decref(ptr %x)
  ret void
}

; The result is owned.
; CHECK-LABEL: @returned(
; CHECK: call void @cairn.incref(ptr %x)
; CHECK-NEXT: ret ptr %x
define ptr @returned(ptr %p) {
  %x = load ptr, ptr %p
  call void @cairn.incref(ptr %x)
  ret ptr %x
}

; Somebody looks at the count in another block.
; CHECK-LABEL: @looked(
; CHECK: call void @cairn.incref(ptr %x)
; CHECK: call void @cairn.decref(ptr %x)
define i1 @looked(ptr %x, i1 %which) {
  call void @cairn.incref(ptr %x)
  br i1 %which, label %look, label %end
look:
  %only = call i1 @cairn.is.unique(ptr %x)
  br label %end
end:
  %result = phi i1 [ false, %0 ], [ %only, %look ]
  call void @cairn.decref(ptr %x)
  ret i1 %result
}

; What is null on one edge is not on the other.
; CHECK-LABEL: @other_edge(
; CHECK: call void @cairn.incref(ptr %x)
; CHECK: call void @cairn.decref(ptr %x)
define void @other_edge(ptr %x, ptr %to) {
  call void @cairn.incref(ptr %x)
  %none = icmp ne ptr %x, null
  br i1 %none, label %store, label %drop
store:
  store ptr %x, ptr %to
  ret void
drop:
  call void @cairn.decref(ptr %x)
  ret void
}

; A function that somebody may replace by another, and one that releases in another call of itself.
; CHECK-LABEL: @replaced(
define weak void @replaced(ptr %p) {
  ret void
}
; CHECK-LABEL: @of_replaced(
; CHECK: call void @cairn.incref(ptr %x)
; CHECK: call void @cairn.decref(ptr %x)
define void @of_replaced(ptr %x, i1 %which) {
  call void @cairn.incref(ptr %x)
  br i1 %which, label %call, label %end
call:
  call void @replaced(ptr %x)
  br label %end
end:
  call void @cairn.decref(ptr %x)
  ret void
}
; CHECK-LABEL: @sometimes(
; CHECK: call void @cairn.incref(ptr %x)
; CHECK: call void @cairn.decref(ptr %x)
define internal void @sometimes(ptr %p, i1 %which) {
  br i1 %which, label %again, label %release
again:
  %x = load ptr, ptr %p
  call void @cairn.incref(ptr %x)
  call void @sometimes(ptr %p, i1 false)
  call void @cairn.decref(ptr %x)
  ret void
release:
  %old = load ptr, ptr %p
  store ptr null, ptr %p
  call void @cairn.decref(ptr %old)
  ret void
}
; CHECK-LABEL: @calls_sometimes(
; CHECK: call void @cairn.incref(ptr %x)
; CHECK: call void @cairn.decref(ptr %x)
define void @calls_sometimes(ptr %p, ptr %x) {
  call void @cairn.incref(ptr %x)
  call void @sometimes(ptr %p, i1 true)
  call void @cairn.decref(ptr %x)
  ret void
}

; A function whose counts come later may release something then.
; CHECK-LABEL: @uncounted(
; CHECK-NOT: cairn-releases-nothing
; CHECK: ret void
define internal void @uncounted(ptr addrspace(77) %x) {
  ret void
}
; CHECK-LABEL: @of_uncounted(
; CHECK: call void @cairn.incref(ptr %x)
; CHECK: call void @cairn.decref(ptr %x)
define void @of_uncounted(ptr %x) {
  call void @cairn.incref(ptr %x)
  call void @uncounted(ptr addrspace(77) null)
  call void @cairn.decref(ptr %x)
  ret void
}

; A pointer into an object keeps the object alive: its base has to be known wherever it is used. Where
; several meet, their bases meet beside them, and the pointer is computed again.
; RUN: %opt -passes=cairn-slots,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

declare void @use(ptr addrspace(77))

; CHECK-LABEL: define i64 @select(
; CHECK-NEXT: %f = getelementptr i8, ptr addrspace(77) %p, i64 8
; CHECK-NEXT: [[STEP:%.*]] = mul i64 %i, 8
; CHECK-NEXT: %g = getelementptr i64, ptr addrspace(77) %q, i64 %i
; CHECK: [[BASE:%.*]] = select i1 %c, ptr addrspace(77) %p, ptr addrspace(77) %q
; CHECK: [[OFFSET:%.*]] = select i1 %c, i64 8, i64 [[STEP]]
; CHECK: %s = getelementptr i8, ptr addrspace(77) [[BASE]], i64 [[OFFSET]]
; CHECK: load i64, ptr addrspace(77) %s
define i64 @select(ptr addrspace(77) %p, ptr addrspace(77) %q, i64 %i, i1 %c) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %g = getelementptr i64, ptr addrspace(77) %q, i64 %i
  %s = select i1 %c, ptr addrspace(77) %f, ptr addrspace(77) %g
  %v = load i64, ptr addrspace(77) %s
  ret i64 %v
}

; A pointer that walks over one object has that object as its base: no second φ, and no counts.
; CHECK-LABEL: define void @walk(
; CHECK: loop:
; CHECK-NEXT: [[OFFSET:%.*]] = phi i64 [ 0, %entry ], [ [[NEXT:%.*]], %loop ]
; CHECK-NEXT: %at = getelementptr i8, ptr addrspace(77) %p, i64 [[OFFSET]]
; CHECK: [[NEXT]] = add i64 [[OFFSET]], 8
define void @walk(ptr addrspace(77) %p, ptr addrspace(77) %end) {
entry:
  br label %loop
loop:
  %at = phi ptr addrspace(77) [ %p, %entry ], [ %next, %loop ]
  store i64 0, ptr addrspace(77) %at
  %next = getelementptr i64, ptr addrspace(77) %at, i64 1
  %done = icmp eq ptr addrspace(77) %next, %end
  br i1 %done, label %exit, label %loop
exit:
  ret void
}

; Three φ that feed each other and nothing but one object.
; CHECK-LABEL: define void @cycle(
; CHECK-NOT: phi ptr addrspace(77)
; CHECK: ret void
define void @cycle(ptr addrspace(77) %p, i1 %c, i1 %d) {
entry:
  br label %a
a:
  %x = phi ptr addrspace(77) [ %p, %entry ], [ %y, %b ]
  br label %b
b:
  %y = phi ptr addrspace(77) [ %x, %a ], [ %z, %e ]
  br i1 %c, label %a, label %e
e:
  %z = phi ptr addrspace(77) [ %y, %b ], [ %n, %f ]
  br i1 %d, label %b, label %f
f:
  %n = getelementptr i8, ptr addrspace(77) %z, i64 8
  store i64 0, ptr addrspace(77) %n
  br i1 %c, label %e, label %exit
exit:
  ret void
}

; A list is walked by the address of the field that leads on.
; CHECK-LABEL: define void @append(
; CHECK: loop:
; CHECK-NEXT: [[BASE:%.*]] = phi ptr addrspace(77) [ %list, %entry ], [ %next, %on ]
; CHECK-NEXT: phi i64 [ 8, %entry ], [ 16, %on ]
define void @append(ptr addrspace(77) %list, ptr addrspace(77) %new) {
entry:
  %head = getelementptr i8, ptr addrspace(77) %list, i64 8
  br label %loop
loop:
  %at = phi ptr addrspace(77) [ %head, %entry ], [ %field, %on ]
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  %null = icmp eq ptr addrspace(77) %next, null
  br i1 %null, label %done, label %on
on:
  %field = getelementptr i8, ptr addrspace(77) %next, i64 16
  br label %loop
done:
  store ptr addrspace(77) %new, ptr addrspace(77) %at
  ret void
}

; CHECK-LABEL: define i64 @frozen(
; CHECK: [[OFFSET:%.*]] = freeze i64 8
; CHECK: %z = getelementptr i8, ptr addrspace(77) %p, i64 [[OFFSET]]
define i64 @frozen(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %z = freeze ptr addrspace(77) %f
  %v = load i64, ptr addrspace(77) %z
  ret i64 %v
}

; NEGATIVE: objects themselves meet as they are. An offset of 0 is the object itself.
; CHECK-LABEL: define ptr addrspace(77) @objects(
; CHECK-NEXT: %s = select i1 %c, ptr addrspace(77) %p, ptr addrspace(77) %q
; CHECK-NEXT: ret ptr addrspace(77) %s
define ptr addrspace(77) @objects(ptr addrspace(77) %p, ptr addrspace(77) %q, i1 %c) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 0
  %s = select i1 %c, ptr addrspace(77) %f, ptr addrspace(77) %q
  ret ptr addrspace(77) %s
}

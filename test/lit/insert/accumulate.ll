; What is read and added behind a recursion is read and added before it, so that LLVM makes a loop of the function. The
; new sums wrap around: they have no nsw.
; RUN: %opt -passes=cairn-accumulate,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-insert,cairn-certify -S %s | FileCheck %s --check-prefix=COUNTS

target triple = "x86_64-unknown-linux-gnu"
declare void @unknown()
declare i64 @other(ptr addrspace(77))

; CHECK-LABEL: @sum(
; CHECK-NOT: call
; CHECK: phi ptr addrspace(77)
; CHECK-NOT: {{call|nsw}}
; CHECK: ret
; COUNTS-LABEL: @sum(
; COUNTS-NOT: call
; COUNTS: ret
define internal i64 @sum(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = tail call i64 @sum(ptr addrspace(77) %next)
  %n.at = getelementptr inbounds i8, ptr addrspace(77) %l, i64 8
  %n = load i64, ptr addrspace(77) %n.at
  %all = add nsw i64 %rest, %n
  br label %out
out:
  %result = phi i64 [ 0, %0 ], [ %all, %on ]
  ret i64 %result
}

; Of two recursions the last one; what the first one gave is added before it.
; CHECK-LABEL: @tree(
; CHECK: call i64 @tree(
; CHECK-NOT: call i64 @tree(
; CHECK: ret
define internal i64 @tree(ptr addrspace(77) %t) {
  %none = icmp eq ptr addrspace(77) %t, null
  br i1 %none, label %out, label %on
on:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  %left = tail call i64 @tree(ptr addrspace(77) %l)
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %t, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %right = tail call i64 @tree(ptr addrspace(77) %r)
  %both = add nsw i64 %left, %right
  %n.at = getelementptr inbounds i8, ptr addrspace(77) %t, i64 16
  %n = load i64, ptr addrspace(77) %n.at
  %all = add nsw i64 %both, %n
  ret i64 %all
out:
  ret i64 0
}

; CHECK-LABEL: @product(
; CHECK-NOT: call
; CHECK: mul i64
; CHECK-NOT: call
; CHECK: ret
define internal i64 @product(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = tail call i64 @product(ptr addrspace(77) %next)
  %n.at = getelementptr inbounds i8, ptr addrspace(77) %l, i64 8
  %n = load i64, ptr addrspace(77) %n.at
  %all = mul nsw i64 %n, %rest
  ret i64 %all
out:
  ret i64 1
}

; Negative: a difference has an order.
; CHECK-LABEL: @difference(
; CHECK: call i64 @difference(
define internal i64 @difference(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = tail call i64 @difference(ptr addrspace(77) %next)
  %n.at = getelementptr inbounds i8, ptr addrspace(77) %l, i64 8
  %n = load i64, ptr addrspace(77) %n.at
  %all = sub nsw i64 %n, %rest
  ret i64 %all
out:
  ret i64 0
}

; Negative: the call may change what is read behind it.
; CHECK-LABEL: @changed(
; CHECK: call i64 @changed(
; CHECK: load i64
define internal i64 @changed(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %n.at = getelementptr inbounds i8, ptr addrspace(77) %l, i64 8
  store i64 1, ptr addrspace(77) %n.at
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = tail call i64 @changed(ptr addrspace(77) %next)
  %n = load i64, ptr addrspace(77) %n.at
  %all = add i64 %rest, %n
  ret i64 %all
out:
  ret i64 0
}

; Negative: something happens behind the call.
; CHECK-LABEL: @noisy(
; CHECK: call i64 @noisy(
define internal i64 @noisy(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = tail call i64 @noisy(ptr addrspace(77) %next)
  call void @unknown()
  %n.at = getelementptr inbounds i8, ptr addrspace(77) %l, i64 8
  %n = load i64, ptr addrspace(77) %n.at
  %all = add i64 %rest, %n
  ret i64 %all
out:
  ret i64 0
}

; Negative: the call may never come back, and nobody knows before it that the object is there.
; CHECK-LABEL: @maybe(
; CHECK: call i64 @maybe(
; CHECK: load i64
define internal i64 @maybe(ptr addrspace(77) %l, i64 %n) {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %out, label %on
on:
  %m = sub i64 %n, 1
  %rest = tail call i64 @maybe(ptr addrspace(77) %l, i64 %m)
  %k = load i64, ptr addrspace(77) %l
  %all = add i64 %rest, %k
  ret i64 %all
out:
  ret i64 0
}

; Negative: a count is needed of what another function is given behind it.
; CHECK-LABEL: @calls(
; CHECK: call i64 @calls(
define internal i64 @calls(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = tail call i64 @calls(ptr addrspace(77) %next)
  %n = call i64 @other(ptr addrspace(77) %l)
  %all = add i64 %rest, %n
  ret i64 %all
out:
  ret i64 0
}

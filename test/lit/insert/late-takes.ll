; One load for a test and for a value that is taken over where the test holds has no count on the
; other way: it is retained where every way takes it.
; RUN: %opt -passes='cairn-insert<O2>,verify,cairn-certify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare void @take(ptr addrspace(77) "cairn-owned")
declare void @take2(ptr addrspace(77) "cairn-owned", ptr addrspace(77) "cairn-owned")
declare void @use(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))
declare i1 @cond()

; CHECK-LABEL: @tested(
; CHECK-NEXT: %f = load ptr addrspace(77), ptr addrspace(77) %p
; CHECK-NEXT: %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %f)
; CHECK-NEXT: %is = icmp eq i8 %tag, 0
; CHECK-NEXT: br i1 %is, label %apart, label %whole
; CHECK: apart:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: %at = getelementptr
; CHECK-NEXT: %g = load
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %g)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %p)
; CHECK-NEXT: call void @take2(ptr addrspace(77) %f, ptr addrspace(77) %g)
; CHECK: whole:
; CHECK-NEXT: call void @take(ptr addrspace(77) %p)
; CHECK-NEXT: ret void
define void @tested(ptr addrspace(77) "cairn-owned" %p) {
  %f = load ptr addrspace(77), ptr addrspace(77) %p
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %f)
  %is = icmp eq i8 %tag, 0
  br i1 %is, label %apart, label %whole
apart:
  %at = getelementptr i8, ptr addrspace(77) %p, i64 8
  %g = load ptr addrspace(77), ptr addrspace(77) %at
  call void @take2(ptr addrspace(77) %f, ptr addrspace(77) %g)
  ret void
whole:
  call void @take(ptr addrspace(77) %p)
  ret void
}

; Two ways take it, one does not. The object dies where the count begins.
; CHECK-LABEL: @ways(
; CHECK-NEXT: %f = load
; CHECK-NOT: cairn.ref.incref
; CHECK: a:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %p)
; CHECK-NEXT: call void @take(ptr addrspace(77) %f)
; CHECK: b:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %p)
; CHECK-NEXT: call void @take2(ptr addrspace(77) %f, ptr addrspace(77) null)
; CHECK: c:
; CHECK-NEXT: call void @take(ptr addrspace(77) %p)
define void @ways(i32 %n, ptr addrspace(77) "cairn-owned" %p) {
  %f = load ptr addrspace(77), ptr addrspace(77) %p
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %f)
  %m = zext i8 %tag to i32
  switch i32 %m, label %c [ i32 1, label %a
                            i32 2, label %b ]
a:
  call void @take(ptr addrspace(77) %f)
  ret void
b:
  call void @take2(ptr addrspace(77) %f, ptr addrspace(77) null)
  ret void
c:
  call void @take(ptr addrspace(77) %p)
  ret void
}

; Negative: every way takes it. It has its count from the load on.
; CHECK-LABEL: @certain(
; CHECK-NEXT: %f = load
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %p)
define void @certain(i1 %c, ptr addrspace(77) "cairn-owned" %p) {
  %f = load ptr addrspace(77), ptr addrspace(77) %p
  br i1 %c, label %a, label %b
a:
  call void @take(ptr addrspace(77) %f)
  ret void
b:
  call void @take2(ptr addrspace(77) %f, ptr addrspace(77) null)
  ret void
}

; Negative: between the load and the place where the count would begin, a call may overwrite the field.
; CHECK-LABEL: @overwritten(
; CHECK-NEXT: %f = load
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: %c = call i1 @cond()
define void @overwritten(ptr addrspace(77) "cairn-owned" %p) {
  %f = load ptr addrspace(77), ptr addrspace(77) %p
  %c = call i1 @cond()
  br i1 %c, label %apart, label %whole
apart:
  call void @take(ptr addrspace(77) %f)
  call void @use(ptr addrspace(77) %p)
  ret void
whole:
  call void @take(ptr addrspace(77) %p)
  ret void
}

; Negative: the object is gone before the count would begin.
; CHECK-LABEL: @gone(
; CHECK-NEXT: %f = load
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: call void @read(ptr addrspace(77) %p)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %p)
declare void @read(ptr addrspace(77)) memory(read)
define void @gone(i1 %c, ptr addrspace(77) "cairn-owned" %p) {
  %f = load ptr addrspace(77), ptr addrspace(77) %p
  call void @read(ptr addrspace(77) %p)
  call void @read(ptr addrspace(77) null)
  br i1 %c, label %apart, label %whole
apart:
  call void @take(ptr addrspace(77) %f)
  ret void
whole:
  ret void
}

; What a function does behind its last call of itself becomes a function of its own, which is called in tail position.
; A block that only returns is copied if other ways lead to it.
; RUN: %opt -passes=cairn-rest,verify -pass-remarks=cairn-rest -pass-remarks-missed=cairn-rest -S %s 2>%t | FileCheck %s
; RUN: FileCheck --check-prefix=REMARK %s <%t

target triple = "x86_64-unknown-linux-gnu"
declare ptr @use(ptr)
declare void @see(ptr, i64)

; REMARK: what follows the call stays in the frame: another call of the recursion follows
; REMARK: what follows the call of f is a function of its own
; CHECK-LABEL: define ptr @f(ptr %x, i64 %n)
; CHECK: call ptr @f(ptr %x, i64 %less)
; CHECK-NEXT: [[B:%.*]] = call ptr @f(ptr %a, i64 %less)
; CHECK-NEXT: [[R:%.*]] = tail call ptr @f.rest(ptr [[B]], ptr %x)
; CHECK-NEXT: ret ptr [[R]]
; CHECK: phi ptr [ %x, %0 ]
; CHECK: define internal ptr @f.rest(ptr %b, ptr %x) unnamed_addr [[ATTRIBUTES:#[0-9]+]]
; CHECK: call ptr @use(ptr %b)
; CHECK: call ptr @use(ptr %x)
; CHECK: phi ptr [ %c, %{{.*}} ], [ %d, %{{.*}} ]
; CHECK-NEXT: ret ptr
define ptr @f(ptr %x, i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %less = sub i64 %n, 1
  %a = call ptr @f(ptr %x, i64 %less)
  %b = call ptr @f(ptr %a, i64 %less)
  %c = call ptr @use(ptr %b)
  call void @see(ptr %c, i64 1)
  %null = icmp eq ptr %c, null
  br i1 %null, label %end, label %other
other:
  %d = call ptr @use(ptr %x)
  br label %end
end:
  %result = phi ptr [ %x, %0 ], [ %c, %more ], [ %d, %other ]
  ret ptr %result
}

; Negative: other ways lead to what follows.
; REMARK: what follows the call stays in the frame: other ways lead to what follows
; CHECK-LABEL: define ptr @shared(
; CHECK: call ptr @shared(
; CHECK: call ptr @use(
define ptr @shared(ptr %x, i64 %n) nounwind "cairn-counts-inserted" {
  %none = icmp eq i64 %n, 0
  br i1 %none, label %end, label %more
more:
  %less = sub i64 %n, 1
  %a = call ptr @shared(ptr %x, i64 %less)
  br label %end
end:
  %b = phi ptr [ %x, %0 ], [ %a, %more ]
  %c = call ptr @use(ptr %b)
  call void @see(ptr %c, i64 1)
  %d = call ptr @use(ptr %x)
  ret ptr %d
}

; Negative: a variable in the frame, which the rest could not have.
; CHECK-LABEL: define ptr @variable(
; CHECK: call ptr @variable(
; CHECK: call ptr @use(
define ptr @variable(ptr %x, i64 %n) nounwind "cairn-counts-inserted" {
  %v = alloca i64
  %a = call ptr @variable(ptr %x, i64 0)
  %c = call ptr @use(ptr %a)
  call void @see(ptr %v, i64 1)
  %d = call ptr @use(ptr %x)
  ret ptr %d
}

; Negative: a small rest, which needs no more of the frame than the call.
; REMARK: what follows the call stays in the frame: it is small
; CHECK-LABEL: define ptr @small(
; CHECK: call ptr @small(
; CHECK: call ptr @use(
define ptr @small(ptr %x, i64 %n) nounwind "cairn-counts-inserted" {
  %a = call ptr @small(ptr %x, i64 0)
  %c = call ptr @use(ptr %a)
  ret ptr %c
}

; Negative: a pointer to the caller's memory may not be passed on in tail position.
; CHECK-LABEL: define ptr @byvalue(
; CHECK: call ptr @use(
define ptr @byvalue(ptr byval(i64) %x) nounwind "cairn-counts-inserted" {
  %a = call ptr @byvalue(ptr byval(i64) %x)
  %c = call ptr @use(ptr %a)
  call void @see(ptr %x, i64 1)
  %d = call ptr @use(ptr %c)
  ret ptr %d
}

; Negative: more values than a jump may carry.
; REMARK: what follows the call stays in the frame: too many values are needed behind it
; CHECK-LABEL: define ptr @many(
; CHECK: call ptr @use(
define ptr @many(ptr %x, ptr %y, ptr %z, ptr %v) nounwind "cairn-counts-inserted" {
  %a = call ptr @many(ptr %x, ptr %y, ptr %z, ptr %v)
  %c = call ptr @use(ptr %a)
  %d = call ptr @use(ptr %x)
  %e = call ptr @use(ptr %y)
  %g = call ptr @use(ptr %z)
  %h = call ptr @use(ptr %v)
  ret ptr %h
}

; What an attribute says of parameters by their numbers does not hold for those of the rest.
; CHECK-LABEL: define ptr @sized(
; CHECK: define internal ptr @sized.rest(ptr %a, ptr %x) unnamed_addr [[ATTRIBUTES]]
define ptr @sized(ptr %x, i64 %n) nounwind allocsize(1) allockind("alloc,uninitialized") "cairn-counts-inserted" {
  %a = call ptr @sized(ptr %x, i64 %n)
  %c = call ptr @use(ptr %a)
  call void @see(ptr %c, i64 1)
  %d = call ptr @use(ptr %x)
  ret ptr %d
}

; CHECK: attributes [[ATTRIBUTES]] = { noinline nounwind "cairn-counts-inserted" }

; Nothing is released before unreachable, and in code that is not reached. A loop before it may run
; for long, though.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

declare void @abort() noreturn

; CHECK-LABEL: @assertion(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: br i1 %ok, label %fine, label %failed
; CHECK: fine:
; CHECK-NEXT: call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
; CHECK: failed:
; CHECK-NEXT: call void @abort()
; CHECK-NEXT: unreachable
define void @assertion(i1 %ok) {
entry:
  %m = call ptr addrspace(77) @make()
  br i1 %ok, label %fine, label %failed
fine:
  call void @take(ptr addrspace(77) %m)
  ret void
failed:
  call void @abort()
  unreachable
}

; CHECK-LABEL: @last.call(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @exit.with(ptr addrspace(77) %m)
; CHECK-NEXT: unreachable
define void @last.call() noreturn {
  %m = call ptr addrspace(77) @make()
  call void @exit.with(ptr addrspace(77) %m)
  unreachable
}
declare void @exit.with(ptr addrspace(77)) noreturn

; Negative: what dies before another allocation is released.
; CHECK-LABEL: @before(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: %n = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @exit.with(ptr addrspace(77) %n)
; CHECK-NEXT: unreachable
define void @before() noreturn {
  %m = call ptr addrspace(77) @make()
  call void @use(ptr addrspace(77) %m)
  %n = call ptr addrspace(77) @make()
  call void @exit.with(ptr addrspace(77) %n)
  unreachable
}

; Negative: the way into a loop.
; CHECK-LABEL: @loop(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: br i1 %ok, label %fine, label %entry.counts
; CHECK: fine:
; CHECK-NEXT: call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
; CHECK: entry.counts:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %loop
; CHECK: loop:
; CHECK-NEXT: %again = call i1 @cond()
; CHECK-NEXT: br i1 %again, label %loop, label %failed
; CHECK: failed:
; CHECK-NEXT: call void @abort()
; CHECK-NEXT: unreachable
define void @loop(i1 %ok) {
entry:
  %m = call ptr addrspace(77) @make()
  br i1 %ok, label %fine, label %loop
fine:
  call void @take(ptr addrspace(77) %m)
  ret void
loop:
  %again = call i1 @cond()
  br i1 %again, label %loop, label %failed
failed:
  call void @abort()
  unreachable
}

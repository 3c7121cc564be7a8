; A φ has a unit, and takes it on each edge: from the value that dies there, by an incref from one
; that lives on or is borrowed. Several φ that take one value need one unit each.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

; CHECK-LABEL: @move.and.incref(
; CHECK: entry:
; CHECK-NEXT: br i1 %c, label %fresh, label %entry.counts
; CHECK: fresh:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: br label %join
; CHECK: entry.counts:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %p)
; CHECK-NEXT: br label %join
; CHECK: join:
; CHECK-NEXT: %r = phi ptr addrspace(77) [ %m, %fresh ], [ %p, %entry.counts ]
; CHECK-NEXT: ret ptr addrspace(77) %r
define ptr addrspace(77) @move.and.incref(i1 %c, ptr addrspace(77) %p) {
entry:
  br i1 %c, label %fresh, label %join
fresh:
  %m = call ptr addrspace(77) @make()
  br label %join
join:
  %r = phi ptr addrspace(77) [ %m, %fresh ], [ %p, %entry ]
  ret ptr addrspace(77) %r
}

; CHECK-LABEL: @lives.on(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: br i1 %c, label %other, label %entry.counts
; CHECK: other:
; CHECK-NEXT: br label %join
; CHECK: entry.counts:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %join
; CHECK: join:
; CHECK-NEXT: %r = phi ptr addrspace(77) [ %m, %entry.counts ], [ null, %other ]
; CHECK-NEXT: call void @take(ptr addrspace(77) %r)
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @lives.on(i1 %c) {
entry:
  %m = call ptr addrspace(77) @make()
  br i1 %c, label %other, label %join
other:
  br label %join
join:
  %r = phi ptr addrspace(77) [ %m, %entry ], [ null, %other ]
  call void @take(ptr addrspace(77) %r)
  call void @use(ptr addrspace(77) %m)
  ret void
}

; CHECK-LABEL: @two(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %join
; CHECK: join:
; CHECK-NEXT: %a = phi ptr addrspace(77) [ %m, %entry ], [ %b, %join ]
; CHECK-NEXT: %b = phi ptr addrspace(77) [ %m, %entry ], [ %a, %join ]
; CHECK-NEXT: %again = call i1 @cond()
; CHECK-NEXT: br i1 %again, label %join, label %done
; CHECK: done:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %a)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %b)
; CHECK-NEXT: ret void
define void @two(i1 %c) {
entry:
  %m = call ptr addrspace(77) @make()
  br label %join
join:
  %a = phi ptr addrspace(77) [ %m, %entry ], [ %b, %join ]
  %b = phi ptr addrspace(77) [ %m, %entry ], [ %a, %join ]
  %again = call i1 @cond()
  br i1 %again, label %join, label %done
done:
  ret void
}

; Negative: constants need no unit.
; CHECK-LABEL: @constants(
; CHECK: entry:
; CHECK-NEXT: br i1 %c, label %other, label %join
; CHECK: other:
; CHECK-NEXT: br label %join
; CHECK: join:
; CHECK-NEXT: %r = phi ptr addrspace(77) [ null, %entry ], [ null, %other ]
; CHECK-NEXT: ret ptr addrspace(77) %r
define ptr addrspace(77) @constants(i1 %c) {
entry:
  br i1 %c, label %other, label %join
other:
  br label %join
join:
  %r = phi ptr addrspace(77) [ null, %entry ], [ undef, %other ]
  ret ptr addrspace(77) %r
}

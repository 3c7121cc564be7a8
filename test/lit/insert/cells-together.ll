; Functions that call each other in a cycle own their parameters together, if all calls of the cycle pass a field of such
; a parameter and a call from outside gives a reference away: then each gets the last reference, and none copies.
; RUN: %opt -passes=cairn-cells,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-insert,cairn-certify -disable-output %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@one = internal constant [1 x i32] [i32 0]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @one, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare i64 @use(ptr addrspace(77))

; Both make objects.
; CHECK-LABEL: define internal ptr addrspace(77) @even(ptr addrspace(77) "cairn-owned" %l)
; CHECK: cairn.ref.own.cell
; CHECK-LABEL: define internal ptr addrspace(77) @odd(ptr addrspace(77) "cairn-owned" %l)
; CHECK: cairn.ref.own.cell
define internal ptr addrspace(77) @even(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call ptr addrspace(77) @odd(ptr addrspace(77) %next)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
out:
  ret ptr addrspace(77) null
}
define internal ptr addrspace(77) @odd(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call ptr addrspace(77) @even(ptr addrspace(77) %next)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
out:
  ret ptr addrspace(77) null
}

; One of the two makes none, and passes on what it takes apart.
; CHECK-LABEL: define internal ptr addrspace(77) @skip(ptr addrspace(77) "cairn-owned" %l)
; CHECK-LABEL: define internal ptr addrspace(77) @every(ptr addrspace(77) "cairn-owned" %l)
; CHECK: cairn.ref.own.cell
define internal ptr addrspace(77) @skip(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = tail call ptr addrspace(77) @every(ptr addrspace(77) %next)
  ret ptr addrspace(77) %rest
out:
  ret ptr addrspace(77) null
}
define internal ptr addrspace(77) @every(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call ptr addrspace(77) @skip(ptr addrspace(77) %next)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
out:
  ret ptr addrspace(77) null
}

; Negative: one of them keeps what it passes.
; CHECK-LABEL: define internal ptr addrspace(77) @keeps(ptr addrspace(77) %l)
; CHECK-LABEL: define internal ptr addrspace(77) @kept(ptr addrspace(77) %l)
define internal ptr addrspace(77) @keeps(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call ptr addrspace(77) @kept(ptr addrspace(77) %next)
  %used = call i64 @use(ptr addrspace(77) %next)
  ret ptr addrspace(77) %rest
out:
  ret ptr addrspace(77) null
}
define internal ptr addrspace(77) @kept(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call ptr addrspace(77) @keeps(ptr addrspace(77) %next)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
out:
  ret ptr addrspace(77) null
}

; Negative: a call in tail position would be followed by a release.
; CHECK-LABEL: define internal ptr addrspace(77) @jumps(ptr addrspace(77) %l)
; CHECK-LABEL: define internal ptr addrspace(77) @jumped(ptr addrspace(77) %l)
define internal ptr addrspace(77) @other(ptr addrspace(77) "cairn-borrowed" %l) noinline {
  %n = call i64 @use(ptr addrspace(77) %l)
  ret ptr addrspace(77) null
}
define internal ptr addrspace(77) @jumps(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %last = icmp eq ptr addrspace(77) %next, null
  br i1 %last, label %jump, label %go
go:
  %rest = call ptr addrspace(77) @jumped(ptr addrspace(77) %next)
  ret ptr addrspace(77) %rest
jump:
  %its = tail call ptr addrspace(77) @other(ptr addrspace(77) %l)
  ret ptr addrspace(77) %its
out:
  ret ptr addrspace(77) null
}
define internal ptr addrspace(77) @jumped(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call ptr addrspace(77) @jumps(ptr addrspace(77) %next)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
out:
  ret ptr addrspace(77) null
}

; Negative: nobody gives a reference away.
; CHECK-LABEL: define internal ptr addrspace(77) @lent(ptr addrspace(77) %l)
; CHECK-LABEL: define internal ptr addrspace(77) @lends(ptr addrspace(77) %l)
define internal ptr addrspace(77) @lent(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call ptr addrspace(77) @lends(ptr addrspace(77) %next)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
out:
  ret ptr addrspace(77) null
}
define internal ptr addrspace(77) @lends(ptr addrspace(77) %l) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %out, label %on
on:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call ptr addrspace(77) @lent(ptr addrspace(77) %next)
  ret ptr addrspace(77) %rest
out:
  ret ptr addrspace(77) null
}

declare ptr addrspace(77) @made()
define void @start(ptr addrspace(77) %borrowed) {
  %a = call ptr addrspace(77) @made()
  %a2 = call ptr addrspace(77) @even(ptr addrspace(77) %a)
  %b = call ptr addrspace(77) @made()
  %b2 = call ptr addrspace(77) @every(ptr addrspace(77) %b)
  %c = call ptr addrspace(77) @made()
  %c2 = call ptr addrspace(77) @kept(ptr addrspace(77) %c)
  %d = call ptr addrspace(77) @made()
  %d2 = call ptr addrspace(77) @jumped(ptr addrspace(77) %d)
  %e2 = call ptr addrspace(77) @lent(ptr addrspace(77) %borrowed)
  ret void
}

; Where an object is taken apart and the function that is called next makes another of its class, on each way through
; it, the call goes to a variant that is given the cell.
; RUN: %opt -passes=cairn-cells,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-cells,cairn-insert,cairn-certify -pass-remarks=cairn-cells -disable-output %s 2>&1 | FileCheck %s --check-prefix=REMARK

; REMARK: the last reference of x leaves its memory to an object that is made by the function that is called here
; REMARK: the memory of x goes to end.cell, which makes an object in it

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
@one = internal constant [1 x i32] [i32 0]
@large = internal global %cairn_type { i32 56, i16 8, i16 1, i32 0, i32 0, ptr @one, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)

define internal ptr addrspace(77) @end(ptr addrspace(77) "cairn-owned" %l, ptr addrspace(77) "cairn-owned" %r) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  ret ptr addrspace(77) %new
}
; CHECK-LABEL: define internal ptr addrspace(77) @end(
; CHECK: cairn.ref.alloc
; CHECK-LABEL: define internal ptr addrspace(77) @end.cell(
; CHECK-SAME: ptr addrspace(77) "cairn-cell"="2197815299" "cairn-owned" %cell)
; CHECK-NOT: cairn.ref.alloc
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2097151997, i32 -2097151997, i32 0, i1 false)
; CHECK: ret

; CHECK-LABEL: @rejoin(
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2097151997)
; CHECK: call ptr addrspace(77) @end.cell(ptr addrspace(77) {{.*}}, ptr addrspace(77) {{.*}}, ptr addrspace(77) [[CELL]])
define ptr addrspace(77) @rejoin(ptr addrspace(77) "cairn-owned" %x) {
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @end(ptr addrspace(77) %l, ptr addrspace(77) %r)
  ret ptr addrspace(77) %new
}

; A recursion passes the cell on, to where it ends.
define internal ptr addrspace(77) @append(ptr addrspace(77) "cairn-owned" %l, ptr addrspace(77) "cairn-owned" %last) {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %at.end, label %on
on:
  %first = load ptr addrspace(77), ptr addrspace(77) %l
  %next.at = getelementptr inbounds i8, ptr addrspace(77) %l, i64 8
  %next = load ptr addrspace(77), ptr addrspace(77) %next.at
  %rest = call ptr addrspace(77) @append(ptr addrspace(77) %next, ptr addrspace(77) %last)
  %copy = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %first, ptr addrspace(77) %copy
  %copy.next = getelementptr inbounds i8, ptr addrspace(77) %copy, i64 8
  store ptr addrspace(77) %rest, ptr addrspace(77) %copy.next
  ret ptr addrspace(77) %copy
at.end:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %last, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}
; CHECK-LABEL: @append.cell(
; CHECK: [[OWN:%.*]] = call ptr addrspace(77) @cairn.ref.own.cell(
; CHECK: call ptr addrspace(77) @append.cell({{.*}}, ptr addrspace(77) %cell)
; CHECK: cairn.ref.reuse.cell(ptr addrspace(77) [[OWN]],
; CHECK: at.end:
; CHECK: cairn.ref.reuse.cell(ptr addrspace(77) %cell,

; CHECK-LABEL: @appended(
; CHECK: call ptr addrspace(77) @append.cell(
define ptr addrspace(77) @appended(ptr addrspace(77) "cairn-owned" %x) {
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @append(ptr addrspace(77) %l, ptr addrspace(77) %r)
  ret ptr addrspace(77) %new
}

; Functions that call each other pass it to each other.
; CHECK-LABEL: define internal ptr addrspace(77) @ping.cell(
; CHECK: call ptr addrspace(77) @pong.cell({{.*}}, ptr addrspace(77) %cell)
; CHECK-LABEL: define internal ptr addrspace(77) @pong.cell(
; CHECK: call ptr addrspace(77) @ping.cell({{.*}}, ptr addrspace(77) %cell)
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell,
define internal ptr addrspace(77) @ping(ptr addrspace(77) "cairn-owned" %l, i64 %n) {
  %m = sub i64 %n, 1
  %new = call ptr addrspace(77) @pong(ptr addrspace(77) %l, i64 %m)
  ret ptr addrspace(77) %new
}
define internal ptr addrspace(77) @pong(ptr addrspace(77) "cairn-owned" %l, i64 %n) {
  %c = icmp eq i64 %n, 0
  br i1 %c, label %make, label %on
on:
  %again = call ptr addrspace(77) @ping(ptr addrspace(77) %l, i64 %n)
  ret ptr addrspace(77) %again
make:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}
define ptr addrspace(77) @played(ptr addrspace(77) "cairn-owned" %x, i64 %n) {
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @ping(ptr addrspace(77) %l, i64 %n)
  ret ptr addrspace(77) %new
}

; The cell waits for a recursion in the place of the field that is read behind it.
; CHECK-LABEL: @waits(
; CHECK: cairn.ref.own.cell
; CHECK: call ptr addrspace(77) @end.cell(
define ptr addrspace(77) @waits(ptr addrspace(77) "cairn-owned" %x) {
  %none = icmp eq ptr addrspace(77) %x, null
  br i1 %none, label %out, label %on
on:
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %made = call ptr addrspace(77) @waits(ptr addrspace(77) %l)
  %new = call ptr addrspace(77) @end(ptr addrspace(77) %made, ptr addrspace(77) %r)
  ret ptr addrspace(77) %new
out:
  ret ptr addrspace(77) %x
}

; Negative: nothing waits with it, so that each frame would be larger by a cell.
; CHECK-LABEL: @deep(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @end(
define ptr addrspace(77) @deep(ptr addrspace(77) "cairn-owned" %x) {
  %none = icmp eq ptr addrspace(77) %x, null
  br i1 %none, label %out, label %on
on:
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %made = call ptr addrspace(77) @deep(ptr addrspace(77) %l)
  %new = call ptr addrspace(77) @end(ptr addrspace(77) %made, ptr addrspace(77) null)
  ret ptr addrspace(77) %new
out:
  ret ptr addrspace(77) %x
}

; Negative: the callee makes nothing on one of its ways.
define internal ptr addrspace(77) @sometimes(ptr addrspace(77) "cairn-owned" %l, i1 %c) {
  br i1 %c, label %make, label %out
make:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
out:
  ret ptr addrspace(77) %l
}
; CHECK-LABEL: @calls_sometimes(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @sometimes(
define ptr addrspace(77) @calls_sometimes(ptr addrspace(77) "cairn-owned" %x, i1 %c) {
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @sometimes(ptr addrspace(77) %l, i1 %c)
  ret ptr addrspace(77) %new
}

; Negative: it makes objects in a loop only.
define internal ptr addrspace(77) @many(ptr addrspace(77) "cairn-owned" %l, i64 %n) {
  br label %loop
loop:
  %so.far = phi ptr addrspace(77) [ %l, %0 ], [ %new, %loop ]
  %i = phi i64 [ %n, %0 ], [ %j, %loop ]
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %so.far, ptr addrspace(77) %new
  %j = sub i64 %i, 1
  %more = icmp ne i64 %j, 0
  br i1 %more, label %loop, label %out
out:
  ret ptr addrspace(77) %new
}
; CHECK-LABEL: @calls_many(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @many(
define ptr addrspace(77) @calls_many(ptr addrspace(77) "cairn-owned" %x, i64 %n) {
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @many(ptr addrspace(77) %l, i64 %n)
  ret ptr addrspace(77) %new
}

; Negative: what it makes is larger.
define internal ptr addrspace(77) @more(ptr addrspace(77) "cairn-owned" %l) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @large)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.n = getelementptr inbounds i8, ptr addrspace(77) %new, i64 48
  store i64 1, ptr addrspace(77) %new.n
  ret ptr addrspace(77) %new
}
; CHECK-LABEL: @calls_more(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @more(
define ptr addrspace(77) @calls_more(ptr addrspace(77) "cairn-owned" %x) {
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @more(ptr addrspace(77) %r)
  ret ptr addrspace(77) %new
}

; Negative: other modules may have another body for it.
define weak ptr addrspace(77) @replaced(ptr addrspace(77) "cairn-owned" %l) {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}
; CHECK-LABEL: @calls_replaced(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @replaced(
define ptr addrspace(77) @calls_replaced(ptr addrspace(77) "cairn-owned" %x) {
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @replaced(ptr addrspace(77) %l)
  ret ptr addrspace(77) %new
}

; Negative: what never comes to an allocation takes nothing.
define internal ptr addrspace(77) @forever(ptr addrspace(77) "cairn-owned" %l) {
  %again = call ptr addrspace(77) @forever(ptr addrspace(77) %l)
  ret ptr addrspace(77) %again
}
; CHECK-LABEL: @calls_forever(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @forever(
define ptr addrspace(77) @calls_forever(ptr addrspace(77) "cairn-owned" %x) {
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %never = call ptr addrspace(77) @forever(ptr addrspace(77) %l)
  ret ptr addrspace(77) %never
}

; A caller whose last use of a reference is a call that walks through it calls a variant, which owns
; the parameter: the last reference is taken apart, and one that others have is walked as before.
; RUN: opt -load-pass-plugin=%plugin -passes=cairn-slots,cairn-modes,cairn-variants,cairn-variants -S %s | grep -c 'define.*owned(' | FileCheck %s --check-prefix=ONCE
; RUN: %opt -passes='cairn-insert<O2>,verify' -pass-remarks=cairn-variants -pass-remarks-missed=cairn-variants -S %s 2>&1 | FileCheck %s

; CHECK: remark: {{.*}}the call of sum is the last use of its argument 1: it calls sum.owned, which owns the parameter
; CHECK: remark: {{.*}}the call of tail.other is the last use of its argument 1, but no variant owns the parameter: something would have to be released after a call in tail position
; CHECK: remark: {{.*}}the call of writes is the last use of its argument 1, but no variant owns the parameter: it has done something before it reads the fields
; CHECK: remark: {{.*}}the call of kept is the last use of its argument 1, but no variant owns the parameter: the object is used for more than to read its fields

; Twice is as once.
; ONCE: {{^}}2{{$}}

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@tree.fields = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %type { i32 24, i16 8, i16 2, i32 -2097151997, i32 0, ptr @tree.fields, ptr null, ptr null }
@count = internal global i64 0
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @look(ptr addrspace(77))

define internal i64 @sum(ptr addrspace(77) %t) noinline {
entry:
  %none = icmp eq ptr addrspace(77) %t, null
  br i1 %none, label %leaf, label %node
leaf:
  ret i64 0
node:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  %a = call i64 @sum(ptr addrspace(77) %l)
  %at.r = getelementptr i8, ptr addrspace(77) %t, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %at.r
  %b = call i64 @sum(ptr addrspace(77) %r)
  %at.v = getelementptr i8, ptr addrspace(77) %t, i64 16
  %v = load i64, ptr addrspace(77) %at.v
  %c = add i64 %a, %b
  %d = add i64 %c, %v
  ret i64 %d
}

; A loop that a tail recursion became: the φ are the parameters.
define internal i64 @rest(ptr addrspace(77) %t.in, i64 %n.in) noinline {
entry:
  br label %loop
loop:
  %t = phi ptr addrspace(77) [ %t.in, %entry ], [ %r, %node ]
  %n = phi i64 [ %n.in, %entry ], [ %m, %node ]
  %none = icmp eq ptr addrspace(77) %t, null
  br i1 %none, label %leaf, label %node
leaf:
  ret i64 %n
node:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  %m = call i64 @rest(ptr addrspace(77) %l, i64 %n)
  %at.r = getelementptr i8, ptr addrspace(77) %t, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %at.r
  br label %loop
}

; CHECK-LABEL: define i64 @last(
; CHECK: call i64 @sum.owned(ptr addrspace(77) %t)
; CHECK-NOT: cairn.ref
; CHECK: ret i64
define i64 @last() {
  %t = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %s = call i64 @sum(ptr addrspace(77) %t)
  %twice = mul i64 %s, 2
  ret i64 %twice
}

; CHECK-LABEL: define i64 @last.rest(
; CHECK: call i64 @rest.owned(ptr addrspace(77) %t, i64 1)
; CHECK-NOT: cairn.ref
; CHECK: ret i64
define i64 @last.rest() {
  %t = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %s = call i64 @rest(ptr addrspace(77) %t, i64 1)
  %twice = mul i64 %s, 2
  ret i64 %twice
}

; Negative: the tree is used again.
; CHECK-LABEL: define i64 @again(
; CHECK: call i64 @sum(ptr addrspace(77) %t)
; CHECK: call i64 @sum.owned(ptr addrspace(77) %t)
define i64 @again() {
  %t = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %s = call i64 @sum(ptr addrspace(77) %t)
  %u = call i64 @sum(ptr addrspace(77) %t)
  %both = add i64 %s, %u
  ret i64 %both
}

; Negative: the caller only borrows it.
; CHECK-LABEL: define i64 @lent(
; CHECK: call i64 @sum(ptr addrspace(77) %t)
define i64 @lent(ptr addrspace(77) %t) {
  %s = call i64 @sum(ptr addrspace(77) %t)
  ret i64 %s
}

; Negative: the call to another function is in tail position, and the node would be released after it.
define internal i64 @tail.other(ptr addrspace(77) %t, i64 %n) noinline {
entry:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  %a = call i64 @tail.other(ptr addrspace(77) %l, i64 %n)
  %r = tail call i64 @sum(ptr addrspace(77) %t)
  ret i64 %r
}
; CHECK-LABEL: define i64 @call.tail.other(
; CHECK: call i64 @tail.other(ptr addrspace(77) %t
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %t)
define i64 @call.tail.other() {
  %t = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %s = call i64 @tail.other(ptr addrspace(77) %t, i64 1)
  %twice = mul i64 %s, 2
  ret i64 %twice
}

; Negative: to call the function again would count twice.
define internal void @writes(ptr addrspace(77) %t) noinline {
entry:
  %n = load i64, ptr @count
  %m = add i64 %n, 1
  store i64 %m, ptr @count
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  call void @writes(ptr addrspace(77) %l)
  ret void
}
; CHECK-LABEL: define void @call.writes(
; CHECK: call void @writes(ptr addrspace(77) %t)
define void @call.writes() {
  %t = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  call void @writes(ptr addrspace(77) %t)
  ret void
}

; Negative: a cell is no object that others could look at.
define internal void @kept(ptr addrspace(77) %t) noinline {
entry:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  call void @kept(ptr addrspace(77) %l)
  call void @look(ptr addrspace(77) %t)
  ret void
}
; CHECK-LABEL: define void @call.kept(
; CHECK: call void @kept(ptr addrspace(77) %t)
define void @call.kept() {
  %t = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  call void @kept(ptr addrspace(77) %t)
  ret void
}

; CHECK-LABEL: define internal i64 @sum.owned(ptr addrspace(77) "cairn-owned" %t)
; CHECK: node:
; CHECK-NEXT: %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %t, i32 -2097151997, i32 -16711681)
; CHECK-NEXT: br i1 %last, label %[[UNIQUE:.*]], label %shared
; CHECK: shared:
; CHECK-NEXT: %[[R:.*]] = call i64 @sum(ptr addrspace(77) %t)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %t)
; CHECK-NEXT: ret i64 %[[R]]
; CHECK: %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %t
; CHECK-NOT: cairn.ref.incref
; CHECK: call i64 @sum.owned(ptr addrspace(77) %field
; CHECK-NOT: cairn.ref.incref
; CHECK: call i64 @sum.owned(ptr addrspace(77) %field
; CHECK-NOT: cairn.ref.incref
; CHECK: call void @cairn.ref.free.cell(ptr addrspace(77) %cell)

; CHECK-LABEL: define internal i64 @rest.owned(
; CHECK: shared:
; CHECK-NEXT: %[[S:.*]] = call i64 @rest(ptr addrspace(77) %t, i64 %n)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %t)
; CHECK-NEXT: ret i64 %[[S]]
; CHECK-NOT: cairn.ref.incref
; CHECK: call i64 @rest.owned(ptr addrspace(77) %field
; CHECK-NOT: cairn.ref.{{(in|de)cref}}
; CHECK: br label %loop

; A recursion below a sum or a product became a loop with a φ for it, which is no parameter. Its variant adds the
; result for an object that others have to what it has so far.
; RUN: %opt -passes='cairn-insert<O2>,cairn-certify,verify' -pass-remarks=cairn-variants \
; RUN:   -pass-remarks-missed=cairn-variants -S %s 2>&1 | FileCheck %s

; CHECK: remark: {{.*}}the call of value is the last use of its argument 1: it calls value.owned, which owns the parameter
; CHECK: remark: {{.*}}the call of starts is the last use of its argument 1, but no variant owns the parameter: its loop has values that are no parameters
; CHECK: remark: {{.*}}the call of mixed is the last use of its argument 1, but no variant owns the parameter: its loop has values that are no parameters
; CHECK: remark: {{.*}}the call of seen is the last use of its argument 1, but no variant owns the parameter: its loop has values that are no parameters
; CHECK: remark: {{.*}}the call of restarts is the last use of its argument 1, but no variant owns the parameter: its loop has values that are no parameters

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@tree.fields = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %type { i32 24, i16 8, i16 2, i32 -2097151997, i32 0, ptr @tree.fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare i8 @cairn.ref.tag(ptr addrspace(77))
declare void @look(i64)

; It may start in the middle of a sum then, and may overflow where the whole sum does not.
; CHECK-LABEL: define internal i64 @value(
; CHECK-NOT: nsw
define internal i64 @value(ptr addrspace(77) %t.in) noinline {
entry:
  br label %loop
loop:
  %t = phi ptr addrspace(77) [ %t.in, %entry ], [ %r, %node ]
  %sum = phi i64 [ 0, %entry ], [ %next, %node ]
  %none = icmp eq ptr addrspace(77) %t, null
  br i1 %none, label %leaf, label %node
leaf:
  %one = add i64 %sum, 1
  ret i64 %one
node:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  %a = call i64 @value(ptr addrspace(77) %l)
  %next = add nsw i64 %a, %sum
  %at.r = getelementptr i8, ptr addrspace(77) %t, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %at.r
  br label %loop
}

; Negative: it starts with 1, which a sum has not as its identity, so that starting again would add it once more.
define internal i64 @starts(ptr addrspace(77) %t.in) noinline {
entry:
  br label %loop
loop:
  %t = phi ptr addrspace(77) [ %t.in, %entry ], [ %r, %node ]
  %sum = phi i64 [ 1, %entry ], [ %next, %node ]
  %none = icmp eq ptr addrspace(77) %t, null
  br i1 %none, label %leaf, label %node
leaf:
  %one = add i64 %sum, 1
  ret i64 %one
node:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  %a = call i64 @starts(ptr addrspace(77) %l)
  %next = add i64 %a, %sum
  %at.r = getelementptr i8, ptr addrspace(77) %t, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %at.r
  br label %loop
}

; Negative: sums and products in turn.
define internal i64 @mixed(ptr addrspace(77) %t.in) noinline {
entry:
  br label %loop
loop:
  %t = phi ptr addrspace(77) [ %t.in, %entry ], [ %r, %node ]
  %sum = phi i64 [ 0, %entry ], [ %next, %node ]
  %none = icmp eq ptr addrspace(77) %t, null
  br i1 %none, label %leaf, label %node
leaf:
  %one = add i64 %sum, 1
  ret i64 %one
node:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  %a = call i64 @mixed(ptr addrspace(77) %l)
  %next = mul i64 %a, %sum
  %at.r = getelementptr i8, ptr addrspace(77) %t, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %at.r
  br label %loop
}

; Negative: the sum so far is looked at, and one way returns something else.
define internal i64 @seen(ptr addrspace(77) %t.in) noinline {
entry:
  br label %loop
loop:
  %t = phi ptr addrspace(77) [ %t.in, %entry ], [ %r, %node ]
  %sum = phi i64 [ 0, %entry ], [ %next, %node ]
  %none = icmp eq ptr addrspace(77) %t, null
  br i1 %none, label %leaf, label %node
leaf:
  ret i64 7
node:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  %a = call i64 @seen(ptr addrspace(77) %l)
  %next = add i64 %a, %sum
  %at.r = getelementptr i8, ptr addrspace(77) %t, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %at.r
  br label %loop
}

; Negative: on one way the sum starts again. What came before is no part of the result then, but would be added to that
; for a shared object below.
define internal i64 @restarts(ptr addrspace(77) %t.in) noinline {
entry:
  br label %loop
loop:
  %t = phi ptr addrspace(77) [ %t.in, %entry ], [ %r, %node ], [ %again.r, %again ]
  %sum = phi i64 [ 0, %entry ], [ %next, %node ], [ 0, %again ]
  %none = icmp eq ptr addrspace(77) %t, null
  br i1 %none, label %leaf, label %test
leaf:
  %one = add i64 %sum, 1
  ret i64 %one
test:
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %t)
  %is = icmp eq i8 %tag, 2
  br i1 %is, label %again, label %node
again:
  %at.again = getelementptr i8, ptr addrspace(77) %t, i64 8
  %again.r = load ptr addrspace(77), ptr addrspace(77) %at.again
  br label %loop
node:
  %l = load ptr addrspace(77), ptr addrspace(77) %t
  %a = call i64 @restarts(ptr addrspace(77) %l)
  %next = add i64 %a, %sum
  %at.r = getelementptr i8, ptr addrspace(77) %t, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %at.r
  br label %loop
}

define i64 @main() {
  %t = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %v = call i64 @value(ptr addrspace(77) %t)
  call void @look(i64 %v)
  %t1 = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %v1 = call i64 @starts(ptr addrspace(77) %t1)
  call void @look(i64 %v1)
  %t2 = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %v2 = call i64 @mixed(ptr addrspace(77) %t2)
  call void @look(i64 %v2)
  %t3 = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %v3 = call i64 @seen(ptr addrspace(77) %t3)
  call void @look(i64 %v3)
  %t4 = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %v4 = call i64 @restarts(ptr addrspace(77) %t4)
  ret i64 %v4
}

; CHECK-LABEL: define internal i64 @value.owned(
; CHECK: [[SUM:%.*]] = phi i64 [ 0, %entry ], [ %next, %{{.*}} ]
; CHECK: shared:
; CHECK-NEXT: [[REST:%.*]] = call i64 @value(ptr addrspace(77) %t)
; CHECK: add i64 [[REST]], [[SUM]]
; CHECK: ret i64
; CHECK: call i64 @value.owned(ptr addrspace(77) %field
; CHECK-NOT: cairn.ref.incref
; CHECK: br label %loop

; A count of the parameter is taken on one way of a recursion that lends it to others. The function
; borrows it: owned, it would have to be retained before each call but the last, and be given back
; on each way that does not take it.
; RUN: %opt -passes='cairn-managed<O2>,verify,cairn-certify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@fields = internal constant [1 x i32] [i32 0]
@node = internal global %type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)

define i64 @start(ptr addrspace(77) %scope) {
  %r = call i64 @eval(i64 7, ptr addrspace(77) %scope)
  ret i64 %r
}

; CHECK-LABEL: define internal i64 @eval(i64 %{{.*}}, ptr addrspace(77) %
; CHECK-NOT: incref
; CHECK: inner:
; CHECK-NOT: incref
; CHECK: bind:
; CHECK: call void @cairn.ref.incref(
; CHECK-NOT: incref
; CHECK: {{^}}}
define internal i64 @eval(i64 %kind, ptr addrspace(77) %scope) noinline {
  switch i64 %kind, label %leaf [ i64 1, label %inner
                                  i64 2, label %bind ]
leaf:
  %at = getelementptr i8, ptr addrspace(77) %scope, i64 8
  %v = load i64, ptr addrspace(77) %at
  ret i64 %v
inner:
  %left = call i64 @eval(i64 %kind, ptr addrspace(77) %scope)
  %right = call i64 @eval(i64 %left, ptr addrspace(77) %scope)
  %less = sub i64 %left, %right
  ret i64 %less
bind:
  %value = call i64 @eval(i64 %kind, ptr addrspace(77) %scope)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %scope, ptr addrspace(77) %new
  %slot = getelementptr i8, ptr addrspace(77) %new, i64 8
  store i64 %value, ptr addrspace(77) %slot
  %r = tail call i64 @eval(i64 %value, ptr addrspace(77) %new)
  ret i64 %r
}

; Negative: each way takes a count of the second parameter, so it stays owned.
; CHECK-LABEL: define internal ptr addrspace(77) @reverse(
; CHECK-SAME: "cairn-owned" %{{.*}})
; CHECK-NOT: incref
; CHECK: {{^}}}
define internal ptr addrspace(77) @reverse(i64 %n, ptr addrspace(77) %made) noinline {
  %end = icmp eq i64 %n, 0
  br i1 %end, label %done, label %more
more:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %made, ptr addrspace(77) %new
  %less = sub i64 %n, 1
  %r = tail call ptr addrspace(77) @reverse(i64 %less, ptr addrspace(77) %new)
  ret ptr addrspace(77) %r
done:
  ret ptr addrspace(77) %made
}
define ptr addrspace(77) @numbers(i64 %n, ptr addrspace(77) %end) {
  %r = call ptr addrspace(77) @reverse(i64 %n, ptr addrspace(77) %end)
  ret ptr addrspace(77) %r
}

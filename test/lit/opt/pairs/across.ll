; Counts of one object undo each other along paths and through phis, if nothing that may release an object runs
; while the function has a unit of it.
; RUN: %opt -passes='cairn-pairs,verify' -pass-remarks=cairn-pairs -S %s 2>&1 | FileCheck %s

; CHECK: remark: {{.*}}removed a count of next: nothing that could release it runs while it is counted

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @unknown()
declare i32 @__gxx_personality_v0(...)

; A walk: each node gets a unit, and the one before gives its unit back. Null has none.
; CHECK-LABEL: @walk(
; CHECK-NOT: cairn.
; CHECK: ret i64
define i64 @walk(ptr %list) {
  %first = load ptr, ptr %list
  call void @cairn.incref(ptr %first)
  %none = icmp eq ptr %first, null
  br i1 %none, label %end, label %loop
loop:
  %node = phi ptr [ %first, %0 ], [ %next, %loop ]
  %sum = phi i64 [ 0, %0 ], [ %more, %loop ]
  %at = getelementptr i8, ptr %node, i64 8
  %value = load i64, ptr %at
  %more = add i64 %sum, %value
  %next = load ptr, ptr %node
  call void @cairn.incref(ptr %next)
  call void @cairn.decref(ptr %node)
  %last = icmp eq ptr %next, null
  br i1 %last, label %end, label %loop
end:
  %result = phi i64 [ 0, %0 ], [ %more, %loop ]
  call void @cairn.decref(ptr null)
  ret i64 %result
}

; A diamond, and managed references.
; CHECK-LABEL: @diamond(
; CHECK-NOT: cairn.
; CHECK: ret void
define void @diamond(ptr addrspace(77) %x, ptr addrspace(77) %y, i1 %which) "cairn-counts-inserted" {
  br i1 %which, label %a, label %b
a:
  call void @cairn.ref.incref(ptr addrspace(77) %x)
  br label %join
b:
  call void @cairn.ref.incref(ptr addrspace(77) %y)
  br label %join
join:
  %one = phi ptr addrspace(77) [ %x, %a ], [ %y, %b ]
  call void @cairn.ref.decref(ptr addrspace(77) %one)
  ret void
}

; A recursion that releases nothing but what it retained, on the way of an exception, too.
; CHECK-LABEL: @recursion(
; CHECK-NOT: cairn.
; CHECK: resume
define internal i64 @recursion(ptr %p) personality ptr @__gxx_personality_v0 {
  %none = icmp eq ptr %p, null
  br i1 %none, label %end, label %node
node:
  %child = load ptr, ptr %p
  call void @cairn.incref(ptr %child)
  %n = invoke i64 @recursion(ptr %child) to label %done unwind label %thrown
done:
  call void @cairn.decref(ptr %child)
  br label %end
end:
  %result = phi i64 [ 0, %0 ], [ %n, %done ]
  ret i64 %result
thrown:
  %exception = landingpad { ptr, i32 } cleanup
  call void @cairn.decref(ptr %child)
  resume { ptr, i32 } %exception
}

; Whoever calls it ends nobody's life.
; CHECK-LABEL: @caller(
; CHECK-NOT: cairn.
; CHECK: ret i64
define i64 @caller(ptr %root) {
  %p = load ptr, ptr %root
  call void @cairn.incref(ptr %p)
  %n = call i64 @recursion(ptr %p)
  call void @cairn.decref(ptr %p)
  ret i64 %n
}

; A loop that makes one object a round, each of which holds the one before: what the certifier remembers of their fields
; does not grow with the rounds.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
@T = constant { ptr, i32 } zeroinitializer
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare i1 @again()

; Two kinds of objects, each of which holds the other twice.
define ptr addrspace(77) @good(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
start:
  br label %loop
loop:
  %p = phi ptr addrspace(77) [ %a, %start ], [ %p1, %loop ]
  %q = phi ptr addrspace(77) [ %b, %start ], [ %q1, %loop ]
  %p1 = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  call void @cairn.ref.incref(ptr addrspace(77) %q)
  store ptr addrspace(77) %q, ptr addrspace(77) %p1
  %p1.8 = getelementptr i8, ptr addrspace(77) %p1, i64 8
  store ptr addrspace(77) %q, ptr addrspace(77) %p1.8
  %q1 = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  store ptr addrspace(77) %p, ptr addrspace(77) %q1
  %q1.8 = getelementptr i8, ptr addrspace(77) %q1, i64 8
  store ptr addrspace(77) %p, ptr addrspace(77) %q1.8
  %more = call i1 @again()
  br i1 %more, label %loop, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p1)
  ret ptr addrspace(77) %q1
}

; Negative: the last object of one kind is lost.
; CHECK: lost: lost unit: a unit of %p1 is lost
define ptr addrspace(77) @lost(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) {
start:
  br label %loop
loop:
  %p = phi ptr addrspace(77) [ %a, %start ], [ %p1, %loop ]
  %q = phi ptr addrspace(77) [ %b, %start ], [ %q1, %loop ]
  %p1 = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  call void @cairn.ref.incref(ptr addrspace(77) %q)
  store ptr addrspace(77) %q, ptr addrspace(77) %p1
  %p1.8 = getelementptr i8, ptr addrspace(77) %p1, i64 8
  store ptr addrspace(77) %q, ptr addrspace(77) %p1.8
  %q1 = call ptr addrspace(77) @cairn.ref.alloc(ptr @T)
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  store ptr addrspace(77) %p, ptr addrspace(77) %q1
  %q1.8 = getelementptr i8, ptr addrspace(77) %q1, i64 8
  store ptr addrspace(77) %p, ptr addrspace(77) %q1.8
  %more = call i1 @again()
  br i1 %more, label %loop, label %end
end:
  ret ptr addrspace(77) %q1
}

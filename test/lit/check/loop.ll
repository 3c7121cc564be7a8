; A loop is right if each pass leaves the units as it found them.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@type = external global i8
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; A list is walked and consumed: the node moves on, and what was there goes.
define void @good_walk(ptr addrspace(77) "cairn-owned" %list) {
entry:
  br label %head
head:
  %at = phi ptr addrspace(77) [ %list, %entry ], [ %next, %body ]
  %null = icmp eq ptr addrspace(77) %at, null
  br i1 %null, label %end, label %body
body:
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %at)
  br label %head
end:
  ret void
}

; A list is built.
define ptr addrspace(77) @good_build(i32 %n) {
entry:
  br label %head
head:
  %i = phi i32 [ 0, %entry ], [ %i1, %head ]
  %list = phi ptr addrspace(77) [ null, %entry ], [ %new, %head ]
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  store ptr addrspace(77) %list, ptr addrspace(77) %new
  %i1 = add i32 %i, 1
  %more = icmp slt i32 %i1, %n
  br i1 %more, label %head, label %end
end:
  ret ptr addrspace(77) %new
}

; A borrowed walk: each node lives as long as the list that the caller holds.
define i64 @good_borrowed(ptr addrspace(77) %list) {
entry:
  br label %head
head:
  %at = phi ptr addrspace(77) [ %list, %entry ], [ %next, %body ]
  %null = icmp eq ptr addrspace(77) %at, null
  br i1 %null, label %end, label %body
body:
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  br label %head
end:
  ret i64 0
}

; Two that change places.
define void @good_swap(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, i1 %c) {
entry:
  br label %head
head:
  %x = phi ptr addrspace(77) [ %a, %entry ], [ %y, %head ]
  %y = phi ptr addrspace(77) [ %b, %entry ], [ %x, %head ]
  br i1 %c, label %head, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  call void @cairn.ref.decref(ptr addrspace(77) %y)
  ret void
}

; Negative: one more each time.
; CHECK: more: grows with each pass: %p has more units each time round the loop; path: %entry -> %head -> %head
define void @more(ptr addrspace(77) %p, i1 %c) {
entry:
  br label %head
head:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br i1 %c, label %head, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: one less each time.
; CHECK-NEXT: less: released twice: %p is released, but its unit went before on this path; path: %entry -> %head -> %head
define void @less(ptr addrspace(77) "cairn-owned" %p, i1 %c) {
entry:
  br label %head
head:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br i1 %c, label %head, label %end
end:
  ret void
}

; Negative: a new object each time, also in a loop that does not end.
; CHECK-NEXT: made: lost unit: a unit of %p is lost where the path goes on; path: %entry -> %head -> %head
define void @made() {
entry:
  br label %head
head:
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  br label %head
}

; Negative: the field was not retained before its holder went.
; CHECK-NEXT: order: {{.*}}nothing keeps %next alive
define void @order(ptr addrspace(77) "cairn-owned" %list) {
entry:
  br label %head
head:
  %at = phi ptr addrspace(77) [ %list, %entry ], [ %next, %body ]
  %null = icmp eq ptr addrspace(77) %at, null
  br i1 %null, label %end, label %body
body:
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %at)
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  br label %head
end:
  ret void
}

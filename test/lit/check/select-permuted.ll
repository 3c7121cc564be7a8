; Two selects by one condition change what two names are, or leave it. Who owns what is known though neither is decided;
; and where one is found null, or is released while a field holds it, the condition is decided first.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@fields = internal constant [1 x i32] [i32 0]
@node = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @look(ptr addrspace(77))
declare i1 @more()
declare ptr addrspace(77) @get()

; In a loop, by a condition that each round computes again.
define void @good_loop(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, ptr addrspace(77) %c) {
start:
  br label %loop
loop:
  %v1 = phi ptr addrspace(77) [ %a, %start ], [ %p, %loop ]
  %v2 = phi ptr addrspace(77) [ %b, %start ], [ %q, %loop ]
  %z = icmp eq ptr addrspace(77) %c, %v1
  %p = select i1 %z, ptr addrspace(77) %v1, ptr addrspace(77) %v2
  %q = select i1 %z, ptr addrspace(77) %v2, ptr addrspace(77) %v1
  call void @look(ptr addrspace(77) %p)
  %m = call i1 @more()
  br i1 %m, label %loop, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret void
}

; Negative: one of the two is released twice, and the other never.
; CHECK: loop_twice: {{.*}}: {{.*}}%p
define void @loop_twice(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, ptr addrspace(77) %c) {
start:
  br label %loop
loop:
  %v1 = phi ptr addrspace(77) [ %a, %start ], [ %p, %loop ]
  %v2 = phi ptr addrspace(77) [ %b, %start ], [ %q, %loop ]
  %z = icmp eq ptr addrspace(77) %c, %v1
  %p = select i1 %z, ptr addrspace(77) %v1, ptr addrspace(77) %v2
  %q = select i1 %z, ptr addrspace(77) %v2, ptr addrspace(77) %v1
  %m = call i1 @more()
  br i1 %m, label %loop, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; What the condition says of %v is known until the select is decided, though %v is used no more: where %z, it is null.
define void @good_null(i1 %c) {
start:
  %v = call ptr addrspace(77) @get()
  %z = icmp eq ptr addrspace(77) %v, null
  %p = select i1 %z, ptr addrspace(77) null, ptr addrspace(77) %v
  br i1 %c, label %one, label %end
one:
  br label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; The same where the select by it is found null: then %v is, or %z is false.
define void @good_found_null(ptr addrspace(77) %w, i1 %c) {
start:
  %v = call ptr addrspace(77) @get()
  %z = icmp eq ptr addrspace(77) %v, %w
  %p = select i1 %z, ptr addrspace(77) null, ptr addrspace(77) %v
  %q = select i1 %z, ptr addrspace(77) %v, ptr addrspace(77) null
  %n = icmp eq ptr addrspace(77) %q, null
  br i1 %n, label %end, label %one
one:
  call void @look(ptr addrspace(77) %q)
  br label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: nothing releases %q where it is no null.
; CHECK: found_null_lost: lost unit: a unit of %v is lost
define void @found_null_lost(ptr addrspace(77) %w) {
start:
  %v = call ptr addrspace(77) @get()
  %z = icmp eq ptr addrspace(77) %v, %w
  %p = select i1 %z, ptr addrspace(77) null, ptr addrspace(77) %v
  %q = select i1 %z, ptr addrspace(77) %v, ptr addrspace(77) null
  %n = icmp eq ptr addrspace(77) %q, null
  br i1 %n, label %end, label %one
one:
  call void @look(ptr addrspace(77) %q)
  br label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; A release of %p is one of %a or %b, and takes no unit out of the field that holds it.
define void @good_in_field(i1 %z, ptr addrspace(77) "cairn-owned" %a) {
  %b = call ptr addrspace(77) @get()
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) %b
  %q = select i1 %z, ptr addrspace(77) %b, ptr addrspace(77) %a
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  store ptr addrspace(77) %p, ptr addrspace(77) %new
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @look(ptr addrspace(77) %new)
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret void
}

; Nulls among them, and rounds that store or keep one of the two.
define ptr addrspace(77) @good_rounds() {
start:
  %first = call ptr addrspace(77) @get()
  br label %loop
loop:
  %v20 = phi ptr addrspace(77) [ null, %start ], [ %p, %next ]
  %v = phi ptr addrspace(77) [ %first, %start ], [ null, %next ]
  %old = load ptr addrspace(77), ptr @kept
  store ptr addrspace(77) %v20, ptr @kept
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  %z = icmp eq ptr addrspace(77) null, %v
  %p = select i1 %z, ptr addrspace(77) null, ptr addrspace(77) %v
  %q = select i1 %z, ptr addrspace(77) %v, ptr addrspace(77) null
  %c = icmp ne ptr addrspace(77) %q, null
  br i1 %c, label %some, label %next
some:
  call void @look(ptr addrspace(77) %q)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  br label %next
next:
  br label %loop
}
@kept = internal global ptr addrspace(77) null

define void @good_exchanged(ptr addrspace(77) %x, ptr addrspace(77) %y, ptr addrspace(77) "cairn-owned" %a) {
start:
  br label %loop
loop:
  %v1 = phi ptr addrspace(77) [ null, %start ], [ %new, %next ]
  %v2 = phi ptr addrspace(77) [ %a, %start ], [ %q, %next ]
  %z = icmp eq ptr addrspace(77) %x, %y
  %p = select i1 %z, ptr addrspace(77) %v2, ptr addrspace(77) %v1
  %q = select i1 %z, ptr addrspace(77) %v1, ptr addrspace(77) %v2
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  store ptr addrspace(77) %p, ptr addrspace(77) %new
  %m = call i1 @more()
  br i1 %m, label %next, label %end
next:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %loop
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret void
}

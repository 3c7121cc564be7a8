; Where a select is forgotten, at the start of the loop that computes its condition, its units may stand in the arm,
; which another name still is. The condition is decided then, so that each name has its own.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare i1 @more()

; One of %p and %q is %a, which has two units: its own, and the one that was %v's.
define void @good(ptr addrspace(77) "cairn-owned" %a) {
start:
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  br label %loop
loop:
  %v = phi ptr addrspace(77) [ %a, %start ], [ %p, %next ]
  %w = phi ptr addrspace(77) [ null, %start ], [ %q, %next ]
  %z = call i1 @more()
  %p = select i1 %z, ptr addrspace(77) %v, ptr addrspace(77) %w
  %q = select i1 %z, ptr addrspace(77) %w, ptr addrspace(77) %v
  %m = call i1 @more()
  br i1 %m, label %next, label %end
next:
  br label %loop
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Negative: one of them is lost.
; CHECK: lost: lost unit
define void @lost(ptr addrspace(77) "cairn-owned" %a) {
start:
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  br label %loop
loop:
  %v = phi ptr addrspace(77) [ %a, %start ], [ %p, %next ]
  %w = phi ptr addrspace(77) [ null, %start ], [ %q, %next ]
  %z = call i1 @more()
  %p = select i1 %z, ptr addrspace(77) %v, ptr addrspace(77) %w
  %q = select i1 %z, ptr addrspace(77) %w, ptr addrspace(77) %v
  %m = call i1 @more()
  br i1 %m, label %next, label %end
next:
  br label %loop
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Where %v is found null, both arms of %p are, and so is %p in the next round.
define void @good_null(ptr addrspace(77) "cairn-owned" %a) {
start:
  br label %loop
loop:
  %v = phi ptr addrspace(77) [ %a, %start ], [ %p, %next ]
  %z = call i1 @more()
  %p = select i1 %z, ptr addrspace(77) %v, ptr addrspace(77) null
  %q = select i1 %z, ptr addrspace(77) null, ptr addrspace(77) %v
  %n = icmp eq ptr addrspace(77) %v, null
  br i1 %n, label %next, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret void
next:
  %m = call i1 @more()
  br i1 %m, label %loop, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: %q is not released where %v is no null.
; CHECK: null_lost: lost unit
define void @null_lost(ptr addrspace(77) "cairn-owned" %a) {
start:
  br label %loop
loop:
  %v = phi ptr addrspace(77) [ %a, %start ], [ %p, %next ]
  %z = call i1 @more()
  %p = select i1 %z, ptr addrspace(77) %v, ptr addrspace(77) null
  %q = select i1 %z, ptr addrspace(77) null, ptr addrspace(77) %v
  %n = icmp eq ptr addrspace(77) %v, null
  br i1 %n, label %next, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
next:
  %m = call i1 @more()
  br i1 %m, label %loop, label %end
end:
  ret void
}

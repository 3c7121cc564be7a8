; A state in which a select is not decided joins with one that knows which arm it is, or that both are null. It stays a
; select: LLVM puts the name of the arm for it where it is not null, and its units are the arm's then. With one state at
; the start of each block they are joined at once.
; RUN: not %certify --states=1 --again=1 %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare ptr addrspace(77) @get()

; On the way over %known, %p is %a.
define void @good_known(i1 %z, i1 %k, ptr addrspace(77) "cairn-owned" %a) {
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) null
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br i1 %k, label %ask, label %end
ask:
  br i1 %z, label %known, label %none
known:
  br label %end
end:
  %n = icmp eq ptr addrspace(77) %p, null
  br i1 %n, label %none, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
none:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Negative: the unit of %p is lost.
; CHECK: known_lost: lost unit: a unit of %a is lost
define void @known_lost(i1 %z, i1 %k, ptr addrspace(77) "cairn-owned" %a) {
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) null
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br i1 %k, label %ask, label %end
ask:
  br i1 %z, label %known, label %none
known:
  br label %end
end:
  %n = icmp eq ptr addrspace(77) %p, null
  br i1 %n, label %none, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
none:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; On the way over %nothing there is no %a, and %p would be null whatever %z is.
define void @good_null(i1 %z, i1 %k) {
  br i1 %k, label %make, label %nothing
make:
  %a = call ptr addrspace(77) @get()
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) null
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %end
nothing:
  br label %end
end:
  %b = phi ptr addrspace(77) [ %a, %make ], [ null, %nothing ]
  %q = phi ptr addrspace(77) [ %p, %make ], [ null, %nothing ]
  %n = icmp eq ptr addrspace(77) %q, null
  br i1 %n, label %none, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
none:
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

; Negative: %b has one unit only where %q is null.
; CHECK: null_twice: released twice: %b is released
define void @null_twice(i1 %z, i1 %k) {
  br i1 %k, label %make, label %nothing
make:
  %a = call ptr addrspace(77) @get()
  %p = select i1 %z, ptr addrspace(77) %a, ptr addrspace(77) null
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %end
nothing:
  br label %end
end:
  %b = phi ptr addrspace(77) [ %a, %make ], [ null, %nothing ]
  %q = phi ptr addrspace(77) [ %p, %make ], [ null, %nothing ]
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

; Null has no units: on the edge of a comparison where a reference is null, none is lost or left.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.try.alloc(ptr)
@type = external global i8
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @eat(ptr addrspace(77) "cairn-owned")
declare ptr addrspace(77) @get()

define void @good_tested(ptr addrspace(77) "cairn-owned" %p) {
entry:
  %null = icmp eq ptr addrspace(77) %p, null
  br i1 %null, label %end, label %some
some:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

define ptr addrspace(77) @good_try() {
entry:
  %p = call ptr addrspace(77) @cairn.ref.try.alloc(ptr @type)
  %some = icmp ne ptr addrspace(77) %p, null
  br i1 %some, label %got, label %full
got:
  ret ptr addrspace(77) %p
full:
  ret ptr addrspace(77) null
}

; Both are known to be there, or one of them is null.
define void @good_or(ptr addrspace(77) "cairn-owned" %p, ptr addrspace(77) "cairn-owned" %q) {
entry:
  %a = icmp eq ptr addrspace(77) %p, null
  %b = icmp eq ptr addrspace(77) %q, null
  %any = or i1 %a, %b
  br i1 %any, label %no, label %yes
no:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret void
yes:
  call void @eat(ptr addrspace(77) %p)
  call void @eat(ptr addrspace(77) %q)
  ret void
}

define ptr addrspace(77) @good_phi(i1 %c) {
entry:
  br i1 %c, label %make, label %end
make:
  %new = call ptr addrspace(77) @get()
  br label %end
end:
  %p = phi ptr addrspace(77) [ %new, %make ], [ null, %entry ]
  ret ptr addrspace(77) %p
}

; Negative: the other edge.
; CHECK: wrong: lost unit: a unit of %p is lost where the path goes on; path: %entry -> %end
define void @wrong(ptr addrspace(77) "cairn-owned" %p) {
entry:
  %null = icmp eq ptr addrspace(77) %p, null
  br i1 %null, label %none, label %end
none:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

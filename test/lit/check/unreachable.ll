; Nothing is released before unreachable. Where a path may still return, it is.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

declare void @abort() noreturn

define void @good(ptr addrspace(77) "cairn-owned" %p, i1 %c) {
entry:
  br i1 %c, label %fail, label %end
fail:
  call void @abort()
  unreachable
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: the block goes on to either.
; CHECK: either: lost unit: a unit of %p is lost where the path goes on; path: %entry -> %mid
define void @either(ptr addrspace(77) "cairn-owned" %p, i1 %c, i1 %d) {
entry:
  br i1 %c, label %mid, label %last
mid:
  br i1 %d, label %fail, label %end
fail:
  call void @abort()
  unreachable
last:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

; Before it, an object that has no name any more still lends what was read from it.
define void @good_lent(ptr addrspace(77) "cairn-owned" %p, i1 %c) {
  %field = load ptr addrspace(77), ptr addrspace(77) %p
  br i1 %c, label %dead, label %end
dead:
  call void @cairn.ref.incref(ptr addrspace(77) %field)
  unreachable
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; CHECK: released_before: used after its unit went: nothing keeps %field alive here
define void @released_before(ptr addrspace(77) "cairn-owned" %p, i1 %c) {
  %field = load ptr addrspace(77), ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br i1 %c, label %dead, label %end
dead:
  call void @cairn.ref.incref(ptr addrspace(77) %field)
  unreachable
end:
  ret void
}

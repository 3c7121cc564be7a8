; Between references and plain pointers: borrow and addrspacecast lend, adopt takes over a unit,
; retain adds one, release gives it away.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.adopt(ptr)
declare ptr addrspace(77) @cairn.ref.retain(ptr)
declare ptr @cairn.ref.release(ptr addrspace(77))
declare void @plain(ptr)

define void @good_borrow(ptr addrspace(77) "cairn-owned" %p) {
  %q = call ptr @cairn.ref.borrow(ptr addrspace(77) %p)
  call void @plain(ptr %q)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

define ptr @good_release(ptr addrspace(77) "cairn-owned" %p) {
  %q = call ptr @cairn.ref.release(ptr addrspace(77) %p)
  ret ptr %q
}

define ptr addrspace(77) @good_adopt(ptr %p) {
  %q = call ptr addrspace(77) @cairn.ref.adopt(ptr %p)
  ret ptr addrspace(77) %q
}

define ptr addrspace(77) @good_round(ptr addrspace(77) "cairn-owned" %p) {
  %q = call ptr @cairn.ref.release(ptr addrspace(77) %p)
  call void @plain(ptr %q)
  %r = call ptr addrspace(77) @cairn.ref.adopt(ptr %q)
  ret ptr addrspace(77) %r
}

define ptr addrspace(77) @good_retain(ptr %p) {
  %q = call ptr addrspace(77) @cairn.ref.retain(ptr %p)
  ret ptr addrspace(77) %q
}

define ptr addrspace(77) @good_cast_in(ptr %p) {
  %q = addrspacecast ptr %p to ptr addrspace(77)
  call void @cairn.ref.incref(ptr addrspace(77) %q)
  ret ptr addrspace(77) %q
}

; Negative: the plain pointer outlives the unit, through a phi and an offset.
; CHECK: outlives: used after its unit went: nothing keeps %r alive here
define i64 @outlives(ptr addrspace(77) "cairn-owned" %p, ptr %other, i1 %c) {
entry:
  br i1 %c, label %x, label %end
x:
  %q = call ptr @cairn.ref.borrow(ptr addrspace(77) %p)
  %q8 = getelementptr i8, ptr %q, i64 8
  br label %end
end:
  %r = phi ptr [ %q8, %x ], [ %other, %entry ]
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  %v = load i64, ptr %r
  ret i64 %v
}

; CHECK-NEXT: cast: used after its unit went: nothing keeps %q alive here
define i64 @cast(ptr addrspace(77) "cairn-owned" %p) {
  %q = addrspacecast ptr addrspace(77) %p to ptr
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  %v = load i64, ptr %q
  ret i64 %v
}

; CHECK-NEXT: adopted: lost unit: a unit of %q is lost
define void @adopted(ptr %p) {
  %q = call ptr addrspace(77) @cairn.ref.adopt(ptr %p)
  ret void
}

; CHECK-NEXT: released: released twice: %p is released
define ptr @released(ptr addrspace(77) "cairn-owned" %p) {
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  %q = call ptr @cairn.ref.borrow(ptr addrspace(77) null)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret ptr %q
}

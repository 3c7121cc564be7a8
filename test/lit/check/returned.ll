; A call that returns its argument gives a unit of that, under the argument's name as well.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

declare ptr addrspace(77) @same(ptr addrspace(77) returned)

define void @good(ptr addrspace(77) %p) {
  %r = call ptr addrspace(77) @same(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative.
; CHECK: twice: no unit: %r is released
define void @twice(ptr addrspace(77) %p) {
  %r = call ptr addrspace(77) @same(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  ret void
}

; Null is returned as null: LLVM releases the constant.
define void @good_null() {
  %r = call ptr addrspace(77) @same(ptr addrspace(77) null)
  call void @cairn.ref.decref(ptr addrspace(77) null)
  ret void
}

; So is what the callee returns on all paths.
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@T = constant { ptr, i32 } zeroinitializer

define internal ptr addrspace(77) @always_null(i1 %c) {
  br i1 %c, label %one, label %other
one:
  ret ptr addrspace(77) null
other:
  ret ptr addrspace(77) null
}

define internal { i64, ptr addrspace(77) } @null_inside(i64 %n) {
  %r = insertvalue { i64, ptr addrspace(77) } { i64 poison, ptr addrspace(77) null }, i64 %n, 0
  ret { i64, ptr addrspace(77) } %r
}

define void @good_constant(i1 %c) {
  %r = call ptr addrspace(77) @always_null(i1 %c)
  %s = call { i64, ptr addrspace(77) } @null_inside(i64 1)
  ret void
}

; One path does not, or another definition may be linked.
define internal ptr addrspace(77) @sometimes_null(i1 %c, ptr addrspace(77) "cairn-owned" %p) {
  br i1 %c, label %one, label %other
one:
  ret ptr addrspace(77) %p
other:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret ptr addrspace(77) null
}

define weak ptr addrspace(77) @null_here() {
  ret ptr addrspace(77) null
}

; CHECK: lost: lost unit: a unit of %r is lost
define void @lost(i1 %c, ptr addrspace(77) "cairn-owned" %p) {
  %r = call ptr addrspace(77) @sometimes_null(i1 %c, ptr addrspace(77) "cairn-owned" %p)
  ret void
}

; CHECK: weak_lost: lost unit: a unit of %r is lost
define void @weak_lost() {
  %r = call ptr addrspace(77) @null_here()
  ret void
}

; Vectors of references, which LLVM makes of neighbouring fields, are references one by one.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@type = external global i8
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

define ptr addrspace(77) @good(ptr addrspace(77) %p) {
  %n = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  %v = load <2 x ptr addrspace(77)>, ptr addrspace(77) %p
  %a = extractelement <2 x ptr addrspace(77)> %v, i32 0
  %b = extractelement <2 x ptr addrspace(77)> %v, i32 1
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  call void @cairn.ref.incref(ptr addrspace(77) %b)
  %w = shufflevector <2 x ptr addrspace(77)> %v, <2 x ptr addrspace(77)> poison, <2 x i32> <i32 1, i32 0>
  store <2 x ptr addrspace(77)> %w, ptr addrspace(77) %n
  ret ptr addrspace(77) %n
}

define void @good_built(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, ptr addrspace(77) %p) {
  %old = load <2 x ptr addrspace(77)>, ptr addrspace(77) %p
  %v0 = insertelement <2 x ptr addrspace(77)> poison, ptr addrspace(77) %a, i32 0
  %v1 = insertelement <2 x ptr addrspace(77)> %v0, ptr addrspace(77) %b, i32 1
  store <2 x ptr addrspace(77)> %v1, ptr addrspace(77) %p
  %x = extractelement <2 x ptr addrspace(77)> %old, i32 0
  %y = extractelement <2 x ptr addrspace(77)> %old, i32 1
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  call void @cairn.ref.decref(ptr addrspace(77) %y)
  ret void
}

; Negative: one of two.
; CHECK: half: no unit: {{.*}} is stored, but this function has no unit of it
define ptr addrspace(77) @half(ptr addrspace(77) %p) {
  %n = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  %v = load <2 x ptr addrspace(77)>, ptr addrspace(77) %p
  %a = extractelement <2 x ptr addrspace(77)> %v, i32 0
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  store <2 x ptr addrspace(77)> %v, ptr addrspace(77) %n
  ret ptr addrspace(77) %n
}

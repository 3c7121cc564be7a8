; Where a reference stands in a variable of the function and in a new object, and LLVM has removed the store of null to
; one of them, that was the variable's: the object goes on with its field.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@fields = internal constant [1 x i32] [i32 0]
@node = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare ptr addrspace(77) @get()

define ptr addrspace(77) @good() {
  %slot = alloca ptr addrspace(77)
  %a = call ptr addrspace(77) @get()
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  store ptr addrspace(77) %a, ptr addrspace(77) %new
  store ptr addrspace(77) %a, ptr %slot
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret ptr addrspace(77) %new
}

; Negative: released twice, so that the field lost it too.
; CHECK: twice: used after its unit went: %new still holds %a
define ptr addrspace(77) @twice() {
  %slot = alloca ptr addrspace(77)
  %a = call ptr addrspace(77) @get()
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  store ptr addrspace(77) %a, ptr addrspace(77) %new
  store ptr addrspace(77) %a, ptr %slot
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret ptr addrspace(77) %new
}

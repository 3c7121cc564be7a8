; A new object that only this function knows is no other object: an edge on which it equals one is not gone along.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@fields = internal constant [1 x i32] [i32 0]
@node = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @look(ptr addrspace(77))

; Nothing is released where the two are one object.
define void @good(ptr addrspace(77) "cairn-owned" %p) {
  %new = call nonnull ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  %one = icmp eq ptr addrspace(77) %new, %p
  br i1 %one, label %same, label %other
same:
  ret void
other:
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: somebody else knows it, who may have put it where %p was read from.
; CHECK: known: lost unit
define void @known(ptr %from) {
  %new = call nonnull ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  call void @look(ptr addrspace(77) %new)
  %p = load ptr addrspace(77), ptr %from
  %one = icmp eq ptr addrspace(77) %new, %p
  br i1 %one, label %same, label %other
same:
  ret void
other:
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret void
}

; Negative: a select may be the new object.
; CHECK: chosen: lost unit
define void @chosen(i1 %c, ptr addrspace(77) %q) {
  %new = call nonnull ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  %p = select i1 %c, ptr addrspace(77) %new, ptr addrspace(77) %q
  %one = icmp eq ptr addrspace(77) %new, %p
  br i1 %one, label %same, label %other
same:
  ret void
other:
  call void @cairn.ref.decref(ptr addrspace(77) %new)
  ret void
}

; A store of an object into what its field refers to: if that is the object itself, the field holds what it held.
define void @good_itself(ptr addrspace(77) %o) {
  %k = load ptr addrspace(77), ptr addrspace(77) %o
  call void @cairn.ref.incref(ptr addrspace(77) %k)
  %old = load ptr addrspace(77), ptr addrspace(77) %k
  call void @cairn.ref.incref(ptr addrspace(77) %o)
  store ptr addrspace(77) %o, ptr addrspace(77) %k
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @cairn.ref.decref(ptr addrspace(77) %k)
  call void @cairn.ref.incref(ptr addrspace(77) %k)
  call void @cairn.ref.decref(ptr addrspace(77) %k)
  ret void
}

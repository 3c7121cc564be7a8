; A managed intrinsic becomes the plain one that means the same. Conversions were needed to tell
; whose the counts are: they vanish, and cairn.ref.retain leaves the count that it adds.
;
; RUN: %opt -passes='cairn-plain,verify' -S %s | FileCheck %s --implicit-check-not='@cairn.ref.'

%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@leaf = internal constant %type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

; CHECK-LABEL: define ptr @all(ptr %p, ptr %q, ptr %heap)
define ptr addrspace(77) @all(ptr addrspace(77) %p, ptr %q, ptr %heap) {
; CHECK-NEXT: %a = tail call nonnull align 16 ptr @cairn.alloc(ptr @leaf) #[[ATTR:[0-9]+]], !mark
  %a = tail call nonnull align 16 ptr addrspace(77) @cairn.ref.alloc(ptr @leaf) "cairn-type"="16,8,0,0", !mark !0
; CHECK-NEXT: %b = call ptr @cairn.heap.try.alloc.array(ptr %heap, ptr @leaf, i64 3)
  %b = call ptr addrspace(77) @cairn.ref.heap.try.alloc.array(ptr %heap, ptr @leaf, i64 3)
; CHECK-NEXT: call void @cairn.incref(ptr %p)
  call void @cairn.ref.incref(ptr addrspace(77) %p)
; CHECK-NEXT: call void @cairn.share.into(ptr %a, ptr %p)
  call void @cairn.ref.share.into(ptr addrspace(77) %a, ptr addrspace(77) %p)
; CHECK-NEXT: %l = call i64 @cairn.length(ptr %b)
  %l = call i64 @cairn.ref.length(ptr addrspace(77) %b)
; CHECK-NEXT: call void @cairn.decref(ptr %b)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
; CHECK-NEXT: store i64 %l, ptr %p
  %plain = call ptr @cairn.ref.borrow(ptr addrspace(77) %p)
  store i64 %l, ptr %plain
; CHECK-NEXT: store ptr %q, ptr %p
  %adopted = call ptr addrspace(77) @cairn.ref.adopt(ptr %q)
  store ptr addrspace(77) %adopted, ptr addrspace(77) %p
; CHECK-NEXT: call void @cairn.incref(ptr %q)
; CHECK-NEXT: store ptr %q, ptr %a
  %retained = call ptr addrspace(77) @cairn.ref.retain(ptr %q)
  store ptr addrspace(77) %retained, ptr addrspace(77) %a
; CHECK-NEXT: store ptr %a, ptr %q
  %released = call ptr @cairn.ref.release(ptr addrspace(77) %a)
  store ptr %released, ptr %q
; CHECK-NEXT: ret ptr null
  ret ptr addrspace(77) null
}

; CHECK: attributes #[[ATTR]] = { "cairn-type"="16,8,0,0" }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr addrspace(77) @cairn.ref.heap.try.alloc.array(ptr, ptr, i64)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.share.into(ptr addrspace(77), ptr addrspace(77))
declare i64 @cairn.ref.length(ptr addrspace(77))
declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.adopt(ptr)
declare ptr addrspace(77) @cairn.ref.retain(ptr)
declare ptr @cairn.ref.release(ptr addrspace(77))

!0 = !{}

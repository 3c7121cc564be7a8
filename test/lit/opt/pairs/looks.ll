; A function that only reads may look at counts: it may read memory that no program can address. One that cannot, or
; that is known to release nothing, is not in the way; and managed references' counts are not for programs to ask for.
; RUN: %opt -passes='function(cairn-pairs),function-attrs,cgscc(function(cairn-pairs)),verify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare i64 @cairn.refcount(ptr)
declare i8 @cairn.tag(ptr)
declare i32 @pure(ptr) memory(read) nounwind willreturn
declare i32 @length(ptr) memory(argmem: read) nounwind willreturn

; LLVM finds that it only reads.
define internal i64 @count_of(ptr %x) noinline {
  %n = call i64 @cairn.refcount(ptr %x)
  ret i64 %n
}
; CHECK-LABEL: @looked(
; CHECK-NEXT: call void @cairn.incref(ptr %x)
; CHECK: call void @cairn.decref(ptr %x)
define i64 @looked(ptr %x) {
  call void @cairn.incref(ptr %x)
  %n = call i64 @count_of(ptr %x)
  call void @cairn.decref(ptr %x)
  ret i64 %n
}

; A function that is said to be pure may ask if the object has other owners.
; CHECK-LABEL: @asked(
; CHECK-NEXT: call void @cairn.incref(ptr %x)
; CHECK: call void @cairn.decref(ptr %x)
define i32 @asked(ptr %x, i1 %which) {
  call void @cairn.incref(ptr %x)
  br i1 %which, label %ask, label %end
ask:
  %a = call i32 @pure(ptr %x)
  br label %end
end:
  %n = phi i32 [ 0, %0 ], [ %a, %ask ]
  call void @cairn.decref(ptr %x)
  ret i32 %n
}

; It reads what its argument points to.
; CHECK-LABEL: @measured(
; CHECK-NOT: @cairn.
; CHECK: ret i32
define i32 @measured(ptr %x) {
  call void @cairn.incref(ptr %x)
  %n = call i32 @length(ptr %x)
  call void @cairn.decref(ptr %x)
  ret i32 %n
}

; A header's tag is such memory, too, but no count.
define internal i8 @tag_of(ptr %x) noinline {
  %n = call i8 @cairn.tag(ptr %x)
  ret i8 %n
}
; CHECK-LABEL: @tagged(
; CHECK-NOT: @cairn.
; CHECK: ret i8
define i8 @tagged(ptr %x) {
  call void @cairn.incref(ptr %x)
  %n = call i8 @tag_of(ptr %x)
  call void @cairn.decref(ptr %x)
  ret i8 %n
}

; CHECK-LABEL: @managed(
; CHECK-NOT: @cairn.
; CHECK: ret void
define void @managed(ptr addrspace(77) %r, ptr %x, i1 %which) "cairn-counts-inserted" {
  call void @cairn.ref.incref(ptr addrspace(77) %r)
  br i1 %which, label %ask, label %end
ask:
  %a = call i32 @pure(ptr %x)
  br label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  ret void
}

; A unit goes out of an array whose element still holds the reference. A load by an index that is not known may read
; that element.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@type = external global i8

define i64 @good(i64 %i) {
  %array = alloca [2 x ptr addrspace(77)]
  %at = getelementptr ptr addrspace(77), ptr %array, i64 1
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  store ptr addrspace(77) null, ptr %array
  store ptr addrspace(77) %p, ptr %at
  %n = load i64, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  store ptr addrspace(77) null, ptr %at
  %some = getelementptr ptr addrspace(77), ptr %array, i64 %i
  %q = load ptr addrspace(77), ptr %some
  store ptr addrspace(77) null, ptr %some
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret i64 %n
}

; Negative: without the store of null.
; CHECK: bad: used after its unit went: this may read %p, which was released and stands in %array still
define i64 @bad(i64 %i) {
  %array = alloca [2 x ptr addrspace(77)]
  %at = getelementptr ptr addrspace(77), ptr %array, i64 1
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  store ptr addrspace(77) null, ptr %array
  store ptr addrspace(77) %p, ptr %at
  %n = load i64, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  %some = getelementptr ptr addrspace(77), ptr %array, i64 %i
  %q = load ptr addrspace(77), ptr %some
  store ptr addrspace(77) null, ptr %some
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret i64 %n
}

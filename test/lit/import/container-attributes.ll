; What LLVM is told of containers before lowering.
; RUN: %opt -passes=cairn-import -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

declare ptr @cairn.alloc.list(i32, i32)
declare ptr @cairn.heap.alloc.string(ptr, ptr, i64)
declare i64 @cairn.list.get(ptr, i32)
declare void @cairn.list.append.ref(ptr, ptr)
declare ptr @cairn.dict.get(ptr, ptr, i64)
declare void @cairn.dict.set(ptr, ptr, i64, ptr)

; Negative: no allockind, so that LLVM does not remove what a decref is left for.
; CHECK-DAG: declare noalias noundef ptr @cairn.alloc.list(i32, i32) [[CREATE:#[0-9]+]]
; CHECK-DAG: attributes [[CREATE]] = { nofree nounwind willreturn memory(inaccessiblemem: readwrite) }
; CHECK-DAG: declare noalias noundef ptr @cairn.heap.alloc.string(ptr, ptr [[READNOCAPTURE]], i64) [[STRING:#[0-9]+]]
; CHECK-DAG: attributes [[STRING]] = { nofree nounwind willreturn memory(argmem: read, inaccessiblemem: readwrite) }
; CHECK-DAG: declare noundef i64 @cairn.list.get(ptr [[NOCAPTURE]], i32) [[READ:#[0-9]+]]
; CHECK-DAG: declare noundef ptr @cairn.dict.get(ptr [[NOCAPTURE]], ptr [[READNOCAPTURE]], i64) [[READ]]
; CHECK-DAG: attributes [[READ]] = { nocallback nofree nounwind willreturn memory(read) }
; Negative: the element is kept, and the release of an old one may do anything.
; CHECK-DAG: declare void @cairn.list.append.ref(ptr [[NOCAPTURE]], ptr) [[CHANGE:#[0-9]+]]
; CHECK-DAG: declare void @cairn.dict.set(ptr [[NOCAPTURE]], ptr [[READNOCAPTURE]], i64, ptr) [[CHANGE]]
; CHECK-DAG: attributes [[CHANGE]] = { nounwind }

define ptr @use(ptr %heap, ptr %key, i64 %n) {
  %l = call ptr @cairn.alloc.list(i32 8, i32 8)
  %s = call ptr @cairn.heap.alloc.string(ptr %heap, ptr %key, i64 %n)
  call void @cairn.list.append.ref(ptr %l, ptr %s)
  %i = call i64 @cairn.list.get(ptr %l, i32 0)
  %v = call ptr @cairn.dict.get(ptr %l, ptr %key, i64 %n)
  call void @cairn.dict.set(ptr %l, ptr %key, i64 %n, ptr %v)
  ret ptr %l
}

; What LLVM is told before lowering. Each of these is true of the runtime; each that is
; missing (see the negatives) would be a miscompile.
; RUN: %opt -passes=cairn-import -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"

declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.bytes(i64)
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)

; CHECK-DAG: declare noalias noundef align 8 ptr @cairn.alloc(ptr) [[ALLOC:#[0-9]+]]
; CHECK-DAG: declare noalias noundef align 8 ptr @cairn.alloc.bytes(i64) [[BYTES:#[0-9]+]]
; CHECK-DAG: declare noalias noundef align 8 ptr @cairn.malloc(i64) [[BYTES]]
; CHECK-DAG: declare void @cairn.free(ptr allocptr [[NOCAPTURE]]) [[FREE:#[0-9]+]]
; CHECK-DAG: declare void @cairn.incref(ptr [[NOCAPTURE]]) [[INCREF:#[0-9]+]]
; CHECK-DAG: declare void @cairn.decref(ptr [[NOCAPTURE]]) [[DECREF:#[0-9]+]]
; CHECK-DAG: declare noundef i1 @cairn.is.unique(ptr [[NOCAPTURE]]) [[UNIQUE:#[0-9]+]]

; Negative: a typed object is not uninitialized, its managed fields are null; and a
; descriptor that is not a known constant is read.
; CHECK-DAG: attributes [[ALLOC]] = { nofree nounwind willreturn allockind("alloc") memory(read, inaccessiblemem: readwrite{{.*}}) "alloc-family"="cairn" }
; CHECK-DAG: attributes [[BYTES]] = { nofree nounwind willreturn allockind("alloc,uninitialized") allocsize(0) memory(inaccessiblemem: readwrite) "alloc-family"="cairn" }
; CHECK-DAG: attributes [[FREE]] = { nounwind willreturn allockind("free") memory(argmem: readwrite, inaccessiblemem: readwrite) "alloc-family"="cairn" }
; CHECK-DAG: attributes [[INCREF]] = { nocallback nofree nosync nounwind willreturn memory(inaccessiblemem: readwrite) }
; Negative: decref ends the life of what is reachable, and true from is.unique is an
; acquire: no memory effect is ruled out.
; CHECK-DAG: attributes [[DECREF]] = { nounwind }
; CHECK-DAG: attributes [[UNIQUE]] = { nocallback nofree nounwind willreturn }

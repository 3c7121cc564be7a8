; The emitted fast paths, counted: an allocation of a constant size up to its header
; stores in at most 8 instructions (PIE, thread binding), a sized free in 16, a free in
; 14, an incref in 5, a decref in 6 (docs/decisions/0001-heap.md). No fast path is called.
; RUN: %opt -passes="default<O2>" -S %s | llc -relocation-model=pic -o %t.s
; RUN: FileCheck %s --input-file=%t.s --check-prefix=NONE
; RUN: %count %t.s malloc | FileCheck %s --check-prefix=MALLOC
; RUN: %count %t.s alloc movabs | FileCheck %s --check-prefix=ALLOC
; RUN: %count %t.s free_sized | FileCheck %s --check-prefix=FREE
; RUN: %count %t.s free | FileCheck %s --check-prefix=UNSIZED
; RUN: %count %t.s incref | FileCheck %s --check-prefix=INCREF
; RUN: %count %t.s decref | FileCheck %s --check-prefix=DECREF

; NONE-NOT: cairn_fast_
; NONE-NOT: {{cairn\.}}

; MALLOC: malloc: {{[1-8]$}}
; MALLOC: cairn_rt_tls@GOTTPOFF(%rip)
; ALLOC: alloc: {{[1-8]$}}
; FREE: free_sized: {{([1-9]|1[0-6])$}}
; FREE: add{{.*}}cairn_rt_table(%rip)
; UNSIZED: free: {{([1-9]|1[0-4])$}}
; INCREF: incref: {{[1-5]$}}
; DECREF: decref: {{[1-6]$}}

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@fields = internal constant [1 x i32] [i32 0]
@node = internal global %cairn_type { i32 24, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }

declare ptr @cairn.malloc(i64)
declare ptr @cairn.alloc(ptr)
declare void @cairn.free(ptr)
declare void @cairn.free.sized(ptr, i64)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)

define ptr @malloc() {
  %p = call ptr @cairn.malloc(i64 48)
  ret ptr %p
}
define ptr @alloc() {
  %p = call ptr @cairn.alloc(ptr @node)
  ret ptr %p
}
define void @free(ptr nonnull %p) {
  call void @cairn.free(ptr %p)
  ret void
}
define void @free_sized(ptr nonnull %p) {
  call void @cairn.free.sized(ptr %p, i64 48)
  ret void
}
define void @incref(ptr nonnull %p) {
  call void @cairn.incref(ptr %p)
  ret void
}
define void @decref(ptr nonnull %p) {
  call void @cairn.decref(ptr %p)
  ret void
}

!llvm.module.flags = !{!0, !1}
!0 = !{i32 8, !"PIC Level", i32 2}
!1 = !{i32 7, !"PIE Level", i32 2}

; The same module for the other targets: their bitcode, their pointers (on wasm32 a field
; is a word of 4), no thread pointer on
; wasm32, and a list at an address of its own.
; RUN: split-file %s %t
; RUN: sed -e s/TARGET/aarch64-unknown-linux-gnu/ %t/code.ll > %t/a.ll && %opt -passes="default<O2>" -S %t/a.ll -o %t/a.out.ll
; RUN: FileCheck %s --input-file=%t/a.out.ll --check-prefix=A64 && llc %t/a.out.ll -o - | FileCheck %s --check-prefix=A64ASM
; RUN: sed -e s/TARGET/wasm32-unknown-unknown/ %t/code.ll > %t/w.ll && %opt -passes="default<O2>" -S %t/w.ll -o %t/w.out.ll
; RUN: FileCheck %s --input-file=%t/w.out.ll --check-prefix=W32 && llc %t/w.out.ll -o - | FileCheck %s --check-prefix=W32ASM

; A64-LABEL: define {{.*}}ptr @make(
; A64: call preserve_mostcc ptr @cairn_rt_take_slot_or_fail.eager(i64 noundef 73, ptr noundef null)
; A64-COUNT-2: store ptr null
; A64-LABEL: define {{.*}}void @release(
; A64: call {{.*}}@llvm.threadlocal.address.p0({{.*}}@cairn_rt_tls)
; A64: load ptr, ptr @cairn_rt_table
; A64ASM-NOT: cairn_fast_
; A64ASM: gottprel{{.*}}cairn_rt_tls
; A64ASM: TPIDR_EL0
; A64ASM-NOT: cairn_fast_

; 12 bytes and the header are 20: class 1 of objects.
; W32-LABEL: define {{.*}}ptr @make(
; W32: call ptr @cairn_rt_take_slot_or_fail(i32 noundef 72, ptr noundef null)
; W32: i32 4
; W32-LABEL: define {{.*}}void @release(
; W32: getelementptr {{.*}} @cairn_rt_marks
; W32: icmp eq i8 {{%.*}}, 5
; W32: call void @cairn_rt_free_sized(ptr noundef %p, i64 noundef 48)
; W32ASM-NOT: cairn_fast_
;--- code.ll
target triple = "TARGET"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
%node = type { ptr, ptr, ptr }
@fields = internal constant [2 x i32] [i32 0, i32 ptrtoint (ptr getelementptr (%node, ptr null, i64 0, i32 1) to i32)]
@node = internal global %cairn_type { i32 ptrtoint (ptr getelementptr (%node, ptr null, i64 1) to i32), i16 4, i16 2, i32 0, i32 0, ptr @fields, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
declare void @cairn.free.sized(ptr, i64)
define ptr @make() {
  %p = call ptr @cairn.alloc(ptr @node)
  ret ptr %p
}
define void @release(ptr %p) {
  call void @cairn.free.sized(ptr %p, i64 48)
  ret void
}

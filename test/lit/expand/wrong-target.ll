; A target without fast paths, another data layout, bitcode for another target or
; written by another LLVM: an error that names both sides, and no crash. A module that
; uses no intrinsic is not asked for its target.
; RUN: split-file %s %t
; RUN: not %opt -passes=cairn-lower -S %t/mips.ll 2>&1 | FileCheck %s --check-prefix=MIPS
; RUN: not %opt -passes=cairn-lower -S %t/darwin.ll 2>&1 | FileCheck %s --check-prefix=DARWIN
; RUN: not %opt -cairn-bitcode=%own/cairn-fast-aarch64.bc -passes=cairn-lower -S %t/x86.ll 2>&1 | FileCheck %s --check-prefix=OTHER
; RUN: not %opt -cairn-bitcode=%t/absent.bc -passes=cairn-lower -S %t/x86.ll 2>&1 | FileCheck %s --check-prefix=ABSENT
; RUN: not %opt -cairn-bitcode=%t/x86.ll -passes=cairn-lower -S %t/x86.ll 2>&1 | FileCheck %s --check-prefix=TEXT
; RUN: %opt -cairn-bitcode=%own/cairn-fast-x86_64.bc -passes=cairn-lower -S %t/x86.ll | FileCheck %s --check-prefix=SWAPPED
; RUN: %opt -passes=cairn-lower -S %t/unused.ll | FileCheck %s --check-prefix=SILENT

; MIPS: error: cairn: the runtime supports no target 'mips-unknown-linux-gnu', only x86_64, aarch64 and wasm32, in module
;--- mips.ll
target triple = "mips-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
define ptr @f() {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}
; DARWIN: error: cairn: the runtime's bitcode ('x86_64-unknown-linux-gnu') has the data layout 'e-m:e-{{.*}}', the module ('x86_64-apple-macosx') has 'e-m:o-
;--- darwin.ll
target triple = "x86_64-apple-macosx"
declare ptr @cairn.malloc(i64)
define ptr @f() {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}
; OTHER: error: cairn: the runtime's bitcode is for 'aarch64-unknown-linux-gnu', the module for 'x86_64-unknown-linux-gnu'
; ABSENT: error: cairn: the runtime's bitcode '{{.*}}absent.bc' cannot be read: No such file
; TEXT: error: cairn: the runtime's bitcode '{{.*}}x86.ll' cannot be read
; SWAPPED: @cairn_rt_take_slot
;--- x86.ll
target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
define ptr @f() {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}
; SILENT: ret void
;--- unused.ll
target triple = "mips-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
define void @f() {
  ret void
}

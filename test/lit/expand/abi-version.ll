; What the passes lower refers to the symbol of its ABI version once, from data that is kept,
; so that it does not link with a runtime of another version.
;
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s
; RUN: %opt -passes='cairn-lower<O0>' -S %s | FileCheck %s
; RUN: %opt -passes='cairn-lower,default<O3>,globaldce' -S %s | FileCheck %s
; A module that is lowered twice refers once.
; RUN: %opt -passes=cairn-lower -S %s | %opt -passes=cairn-lower -S | FileCheck %s
; RUN: %opt -passes=cairn-lower %s -o %t.bc && llc -filetype=obj -relocation-model=pic -function-sections -data-sections %t.bc -o %t.o
; RUN: llvm-readelf -S -r %t.o | FileCheck %s --check-prefix=OBJECT
;
; CHECK: @cairn_abi_[[VERSION:[0-9]+]] = external {{.*}}constant i8
; CHECK: @cairn_needs_abi = internal global ptr @cairn_abi_[[VERSION]]
; CHECK: @llvm.used = appending global [1 x ptr] [ptr @cairn_needs_abi]
; CHECK-NOT: cairn_abi_
; OBJECT: .data.cairn_needs_abi {{.*}} WAR
; OBJECT: R_X86_64_64 {{.*}} cairn_abi_{{[0-9]+}} + 0
;
; Where there is nothing to lower, or there are no such objects, there is no reference.
; RUN: echo 'target triple = "x86_64-pc-linux-gnu"' | %opt -passes=cairn-lower -S | FileCheck %s --check-prefix=NONE
; RUN: sed -e s/x86_64-pc-linux-gnu/wasm32-unknown-unknown/ -e /datalayout/d %s | %opt -passes=cairn-lower -S | FileCheck %s --check-prefix=NONE
; NONE-NOT: cairn_abi

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"

declare void @cairn.decref(ptr)

define void @drop(ptr %p) {
  call void @cairn.decref(ptr %p)
  ret void
}

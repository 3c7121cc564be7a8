; A module that defines static objects gets the constructor and the destructor that tell the runtime of them,
; once, whichever of the passes sees it first. A module that has such functions, as the C header gives it, is
; left as it is, and so is one that only refers to static objects.
; RUN: rm -rf %t && split-file %s %t
; RUN: %opt -passes=cairn-import,cairn-import,cairn-lower,cairn-lower -S %t/defines.ll | FileCheck %s --check-prefixes=BOTH,ELF
; RUN: %opt -passes=cairn-lower -S %t/defines.ll | FileCheck %s --check-prefixes=BOTH,ELF
; RUN: %opt -mtriple=wasm32-unknown-unknown -passes=cairn-import -S %t/defines.ll | FileCheck %s --check-prefixes=BOTH,WASM
; RUN: %opt -passes=cairn-import -S %t/tells.ll | FileCheck %s --check-prefix=TELLS
; RUN: %opt -passes=cairn-import -S %t/refers.ll | FileCheck %s --check-prefix=REFERS

; BOTH-DAG: @__start_cairn_static = extern_weak hidden global [0 x i8]
; BOTH-DAG: @__stop_cairn_static = extern_weak hidden global [0 x i8]
; BOTH-DAG: @llvm.global_ctors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 101, ptr @cairn.static.begin, ptr null }]
; ELF-DAG: @llvm.global_dtors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 101, ptr @cairn.static.end, ptr null }]
; BOTH: define internal void @cairn.static.begin()
; BOTH-NEXT: call zeroext i1 @cairn_static_add(ptr @__start_cairn_static, ptr @__stop_cairn_static)
; BOTH-NEXT: ret void
; ELF: define internal void @cairn.static.end()
; ELF-NEXT: call void @cairn_static_remove(ptr @__start_cairn_static, ptr @__stop_cairn_static)
; WASM-NOT: cairn_static_remove
; BOTH-NOT: cairn.static.begin

; TELLS-NOT: global_ctors
; TELLS-NOT: cairn.static
; REFERS-NOT: global_ctors
; REFERS-NOT: cairn.static

;--- defines.ll
@object = global { i32, i32, i32, i32, i64 } { i32 1953718627, i32 8, i32 -1610612736, i32 8, i64 42 }, section "cairn_static", align 16

;--- tells.ll
@object = global { i32, i32, i32, i32, i64 } { i32 1953718627, i32 8, i32 -1610612736, i32 8, i64 42 }, section "cairn_static", align 16
@__start_cairn_static = extern_weak hidden global i8
@__stop_cairn_static = extern_weak hidden global i8
declare i1 @cairn_static_add(ptr, ptr)
define void @begin() {
  %ok = call i1 @cairn_static_add(ptr @__start_cairn_static, ptr @__stop_cairn_static)
  ret void
}

;--- refers.ll
@object = external global { i32, i32, i32, i32, i64 }, section "cairn_static", align 16
define ptr @get() {
  ret ptr @object
}

; A module flag puts references into another space, which no target may own.
;
; RUN: sed 's/N/1/' %s > %t.1.ll
; RUN: %opt -mtriple=x86_64-linux-gnu -passes='cairn-lower,verify' -S %t.1.ll | FileCheck %s --check-prefix=FREE
; RUN: not %opt -mtriple=wasm32 -passes=cairn-import -disable-output %t.1.ll 2>&1 | FileCheck %s --check-prefix=WASM
; RUN: not %opt -mtriple=nvptx64 -passes=cairn-import -disable-output %t.1.ll 2>&1 | FileCheck %s --check-prefix=NVPTX
; RUN: sed 's/N/256/' %s | not %opt -mtriple=x86_64-linux-gnu -passes=cairn-import -disable-output 2>&1 | FileCheck %s --check-prefix=LARGE
; RUN: sed 's/N/0/' %s | not %opt -passes=cairn-import -disable-output 2>&1 | FileCheck %s --check-prefix=PLAIN
; RUN: sed 's/N/5/' %s | not %opt -mtriple=amdgcn -passes=cairn-import -disable-output 2>&1 | FileCheck %s --check-prefix=AMDGPU
; RUN: sed 's/N/5/' %s | not %opt -data-layout=e-p:64:64-p5:32:32 -passes=cairn-import -disable-output 2>&1 | FileCheck %s --check-prefix=SIZE
; RUN: sed 's/i32 N/!"1"/' %s | not %opt -passes=cairn-import -disable-output 2>&1 | FileCheck %s --check-prefix=TEXT

; FREE: define ptr @f(ptr %p)
; WASM: module flag 'cairn-reference-space' is 1, which has a meaning for target 'wasm32
; NVPTX: module flag 'cairn-reference-space' is 1, which has a meaning for target 'nvptx64
; LARGE: module flag 'cairn-reference-space' is 256; spaces from 256 on belong to code generators
; PLAIN: module flag 'cairn-reference-space' is 0, the space of plain pointers; leave it out for 77
; AMDGPU: module flag 'cairn-reference-space' is 5, which has a meaning for target 'amdgcn
; SIZE: module flag 'cairn-reference-space' is 5, whose pointers have another size than plain ones
; TEXT: module flag 'cairn-reference-space' is not an i32

define ptr addrspace(1) @f(ptr addrspace(1) %p) "cairn-counts-inserted" {
  ret ptr addrspace(1) %p
}

!llvm.module.flags = !{!0, !1}
!0 = !{i32 1, !"cairn-reference-space", i32 N}
!1 = !{i32 7, !"cairn-counts-inserted", i32 1}

; A field may hold an immediate. It moves like a reference; the release of one that does not is left to look.
; RUN: %opt -passes=cairn-specialise,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-specialise,cairn-certify -disable-output %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@first = internal constant [1 x i32] [i32 0]
@both = internal constant [2 x i32] [i32 0, i32 8]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }
@tree = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

; The module makes trees.
define ptr addrspace(77) @tree_of(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %x, ptr addrspace(77) %new
  %at = getelementptr i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %y, ptr addrspace(77) %at
  ret ptr addrspace(77) %new
}

; CHECK-LABEL: @left(
; CHECK: is.last
; CHECK: [[RIGHT:%.*]] = load ptr addrspace(77), ptr addrspace(77) %{{.*}}
; CHECK: free.cell
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) [[RIGHT]])
define ptr addrspace(77) @left(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %unused = load ptr addrspace(77), ptr addrspace(77) %at
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret ptr addrspace(77) %left
}

!llvm.module.flags = !{!0}
!0 = !{i32 1, !"cairn-immediates", i32 1}

; A remark about the memory of an object says its name, or which parameter it is where a frontend keeps no names.
; RUN: %opt -passes=cairn-cells -pass-remarks=cairn-cells -disable-output %s 2>&1 | FileCheck %s

; CHECK: remark: {{.*}}the last reference of parameter 1 leaves its memory to an object that is made here
; CHECK: remark: {{.*}}the last reference of tree leaves its memory to an object that is made here

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)

define ptr addrspace(77) @of_0(ptr addrspace(77) "cairn-owned" %0) {
entry:
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %0, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %0
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}
define ptr addrspace(77) @of_tree(ptr addrspace(77) "cairn-owned" %tree) {
entry:
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %tree, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %tree
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.k = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
}

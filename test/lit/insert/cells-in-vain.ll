; Where an object has other owners, its cell is a copy. So the cell is made only where every way comes to an object
; that may take it, unless a call before the branch has a use for the fields of the last reference.
; RUN: %opt -passes=cairn-cells,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
@first = internal constant [1 x i32] [i32 0]
@list = internal global %cairn_type { i32 8, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)

; One arm makes an object of the class, the other one of another class: the cell is in the former.
; CHECK-LABEL: @oneArm(
; CHECK: br i1
; CHECK: tree:
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x,
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(
; CHECK: list:
; CHECK-NOT: own.cell
; CHECK: ret
define ptr addrspace(77) @oneArm(ptr addrspace(77) "cairn-owned" %x) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %is = icmp eq i64 %k, 0
  br i1 %is, label %tree, label %list
tree:
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
list:
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %cell = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %r, ptr addrspace(77) %cell
  ret ptr addrspace(77) %cell
}

; Negative: both arms make one, so the cell is in vain on none.
; CHECK-LABEL: @bothArms(
; CHECK-NEXT: call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x,
; CHECK: br i1
; CHECK-NOT: own.cell
; CHECK: ret
define ptr addrspace(77) @bothArms(ptr addrspace(77) "cairn-owned" %x) {
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %is = icmp eq i64 %k, 0
  br i1 %is, label %left, label %right
left:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
right:
  %other = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %other, i64 8
  store ptr addrspace(77) %l, ptr addrspace(77) %r.at
  ret ptr addrspace(77) %other
}

; Negative: a call gets a field before the branch. Only from a cell does it get the last reference.
; CHECK-LABEL: @recursion(
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x,
; CHECK: call ptr addrspace(77) @recursion(
; CHECK: br i1
; CHECK-NOT: own.cell
; CHECK: ret
define internal ptr addrspace(77) @recursion(ptr addrspace(77) "cairn-owned" %x) {
  %null = icmp eq ptr addrspace(77) %x, null
  br i1 %null, label %end, label %more
end:
  ret ptr addrspace(77) null
more:
  %k.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 16
  %k = load i64, ptr addrspace(77) %k.at
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %its = call ptr addrspace(77) @recursion(ptr addrspace(77) %l)
  %is = icmp eq i64 %k, 0
  br i1 %is, label %tree, label %same
tree:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %its, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
same:
  ret ptr addrspace(77) %its
}

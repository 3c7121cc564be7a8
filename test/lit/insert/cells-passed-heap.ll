; A cell goes to a variant of a function that makes an object on the heap that the cell lies on. A function that makes
; its object on a heap of its parameter's takes none: its callers do not know which heap that is.
; RUN: %opt -passes=cairn-import,cairn-cells,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-import,cairn-cells,cairn-insert,cairn-certify -disable-output %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal constant %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
@my_heap = external global i8
declare ptr addrspace(77) @cairn.ref.alloc(ptr)

define internal ptr addrspace(77) @end(ptr addrspace(77) "cairn-owned" %l, ptr addrspace(77) "cairn-owned" %r) "cairn-heap"="static" "cairn-heap-symbol"="my_heap" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  %new.r = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %r, ptr addrspace(77) %new.r
  ret ptr addrspace(77) %new
}
; CHECK-LABEL: @end.cell(
; CHECK-NOT: alloc
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell,
; CHECK: ret

; CHECK-LABEL: @rejoin(
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.own.cell.on(ptr addrspace(77) %x, i32 {{-?[0-9]+}}, ptr @my_heap)
; CHECK: call ptr addrspace(77) @end.cell(ptr addrspace(77) {{.*}}, ptr addrspace(77) {{.*}}, ptr addrspace(77) [[CELL]])
define ptr addrspace(77) @rejoin(ptr addrspace(77) "cairn-owned" %x) {
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %r.at = getelementptr inbounds i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %r.at
  %new = call ptr addrspace(77) @end(ptr addrspace(77) %l, ptr addrspace(77) %r)
  ret ptr addrspace(77) %new
}

define internal ptr addrspace(77) @end.on(ptr %heap, ptr addrspace(77) "cairn-owned" %l) "cairn-heap"="argument" "cairn-heap-argument"="0" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @tree)
  store ptr addrspace(77) %l, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}
; Negative.
; CHECK-LABEL: @on(
; CHECK-NOT: cell
; CHECK: call ptr addrspace(77) @end.on(
; CHECK: ret
define ptr addrspace(77) @on(ptr %heap, ptr addrspace(77) "cairn-owned" %x) {
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @end.on(ptr %heap, ptr addrspace(77) %l)
  ret ptr addrspace(77) %new
}

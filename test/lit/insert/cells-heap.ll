; Where a function binds a heap, a new object takes the memory of an object that dies if that lies on the same heap,
; which own.cell.on finds out.
; RUN: %opt -passes=cairn-import,cairn-cells,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-import,cairn-cells,cairn-insert,cairn-certify -disable-output %s
; RUN: sed 's/x86_64-unknown-linux-gnu/wasm32-unknown-wasi/' %s | %opt -passes=cairn-import,cairn-cells -S - | FileCheck %s --check-prefix=WASM

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@one = internal constant [1 x i32] [i32 0]
@list = internal constant %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @one, ptr null, ptr null }
@my_heap = external global i8
@other_heap = external global i8

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr addrspace(77) @cairn.ref.alloc.tagged(ptr, i8)
declare ptr addrspace(77) @cairn.ref.heap.alloc(ptr, ptr)

; CHECK-LABEL: @bound(
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.own.cell.on(ptr addrspace(77) %x, i32 [[WORD:-?[0-9]+]], ptr @my_heap)
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) [[CELL]], i32 [[WORD]], i32 [[WORD]], i32 0, i1 false)
; CHECK-NOT: alloc
; CHECK: ret
; Negative: in linear memory two bounds do not tell one heap from another.
; WASM-LABEL: @bound(
; WASM-NOT: cell
; WASM: @cairn.ref.heap.alloc(
; WASM: ret
define ptr addrspace(77) @bound(ptr addrspace(77) "cairn-owned" %x, i64 %v) "cairn-heap"="static" "cairn-heap-symbol"="my_heap" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %next, ptr addrspace(77) %new
  %at = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store i64 %v, ptr addrspace(77) %at
  ret ptr addrspace(77) %new
}

; The heap of a parameter, and a tag.
; CHECK-LABEL: @argument(
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.own.cell.on(ptr addrspace(77) %x, i32 {{-?[0-9]+}}, ptr %heap)
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) [[CELL]],
; CHECK: ret
define ptr addrspace(77) @argument(ptr %heap, ptr addrspace(77) "cairn-owned" %x, i8 %tag) "cairn-heap"="argument" "cairn-heap-argument"="0" {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @list, i8 %tag)
  store ptr addrspace(77) %next, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; Each of two objects goes to the allocation of one heap. What is tested for one heap is nothing to the other.
; CHECK-LABEL: @two(
; CHECK: call ptr addrspace(77) @cairn.ref.own.cell.on(ptr addrspace(77) %x, i32 {{-?[0-9]+}}, ptr @my_heap)
; CHECK-NOT: own.cell
; CHECK: cairn.ref.reuse.cell(
; CHECK: cairn.ref.heap.alloc(ptr @other_heap,
; CHECK: ret
define ptr addrspace(77) @two(ptr addrspace(77) "cairn-owned" %x) {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr @my_heap, ptr @list)
  %more = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr @other_heap, ptr @list)
  store ptr addrspace(77) %next, ptr addrspace(77) %more
  store ptr addrspace(77) %more, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; Negative: the heap is not known where the object dies.
; CHECK-LABEL: @later(
; CHECK-NOT: cell
; CHECK: cairn.ref.heap.alloc(ptr %heap,
; CHECK: ret
define ptr addrspace(77) @later(ptr addrspace(77) "cairn-owned" %x, ptr %where) {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  %heap = load ptr, ptr %where
  %new = call ptr addrspace(77) @cairn.ref.heap.alloc(ptr %heap, ptr @list)
  store ptr addrspace(77) %next, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; The default heap is not tested, as before.
; CHECK-LABEL: @default(
; CHECK: @cairn.ref.own.cell(ptr addrspace(77) %x, i32 {{-?[0-9]+}})
define ptr addrspace(77) @default(ptr addrspace(77) "cairn-owned" %x) {
  %next = load ptr addrspace(77), ptr addrspace(77) %x
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %next, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

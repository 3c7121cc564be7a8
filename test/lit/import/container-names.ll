; C's functions on strings, byte arrays, lists and dicts become intrinsics too; size_t is
; extended where it is shorter.
; RUN: %opt -passes=cairn-import -S %s | FileCheck %s
; RUN: sed -e s/x86_64-unknown-linux-gnu/wasm32-unknown-unknown/ -e 's/@\(cairn_alloc_string\|cairn_dict_get\)(ptr, i64)/@\1(ptr, i32)/' -e 's/@cairn_dict_get(ptr, ptr, i64)/@cairn_dict_get(ptr, ptr, i32)/' -e 's/i64 %n/i32 %n/g' %s | %opt -passes=cairn-import -S | FileCheck %s --check-prefix=WASM

target triple = "x86_64-unknown-linux-gnu"

declare ptr @cairn_alloc_string(ptr, i64)
declare ptr @cairn_heap_try_alloc_byte_array(ptr, i32, i32)
declare ptr @cairn_alloc_list(i32, i32)
declare void @cairn_list_append(ptr, i64)
declare zeroext i1 @cairn_try_list_append_float(ptr, double)
declare i32 @cairn_list_elem_size(ptr)
declare ptr @cairn_alloc_dict(i32)
declare ptr @cairn_dict_get(ptr, ptr, i64)

; CHECK-LABEL: define void @all(
; CHECK-NEXT: %s = call ptr @cairn.alloc.string(ptr %text, i64 %n)
; CHECK-NEXT: %b = call ptr @cairn.heap.try.alloc.byte.array(ptr %heap, i32 3, i32 4)
; CHECK-NEXT: %l = call ptr @cairn.alloc.list(i32 8, i32 8)
; CHECK-NEXT: call void @cairn.list.append(ptr %l, i64 7)
; CHECK-NEXT: %done = call i1 @cairn.try.list.append.float(ptr %l, double 5.000000e-01)
; CHECK-NEXT: %w = call i32 @cairn.list.elem.size(ptr %l)
; CHECK-NEXT: %d = call ptr @cairn.alloc.dict(i32 16)
; CHECK-NEXT: %v = call ptr @cairn.dict.get(ptr %d, ptr %text, i64 %n)
; CHECK-NOT: @cairn_
; WASM-LABEL: define void @all(
; WASM: [[N:%.*]] = zext i32 %n to i64
; WASM: call ptr @cairn.alloc.string(ptr %text, i64 [[N]])
; WASM: [[M:%.*]] = zext i32 %n to i64
; WASM: call ptr @cairn.dict.get(ptr %d, ptr %text, i64 [[M]])
define void @all(ptr %heap, ptr %text, i64 %n) {
  %s = call ptr @cairn_alloc_string(ptr %text, i64 %n)
  %b = call ptr @cairn_heap_try_alloc_byte_array(ptr %heap, i32 3, i32 4)
  %l = call ptr @cairn_alloc_list(i32 8, i32 8)
  call void @cairn_list_append(ptr %l, i64 7)
  %done = call zeroext i1 @cairn_try_list_append_float(ptr %l, double 0.5)
  %w = call i32 @cairn_list_elem_size(ptr %l)
  %d = call ptr @cairn_alloc_dict(i32 16)
  %v = call ptr @cairn_dict_get(ptr %d, ptr %text, i64 %n)
  ret void
}

; A container's intrinsic is a call of its C function. What creates one gets the heap that
; its function binds; null is the default one.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_
; RUN: %opt -passes=cairn-lower -S %s | %opt -passes=cairn-lower -S | FileCheck %s --implicit-check-not=@cairn.
; RUN: sed -e s/x86_64-unknown-linux-gnu/wasm32-unknown-unknown/ %s | %opt -passes=cairn-lower -S | FileCheck %s --check-prefix=WASM --implicit-check-not=@cairn.

target triple = "x86_64-unknown-linux-gnu"

@my_heap = external global i8

declare ptr @cairn.alloc.list(i32, i32)
declare ptr @cairn.try.alloc.dict(i32)
declare ptr @cairn.alloc.byte.array(i32, i32)
declare ptr @cairn.alloc.string(ptr, i64)
declare void @cairn.list.append.ref(ptr, ptr)
declare double @cairn.list.get.float(ptr, i32)
declare void @cairn.dict.set(ptr, ptr, i64, ptr)
declare i1 @cairn.dict.delete(ptr, ptr, i64)

; CHECK-LABEL: define ptr @thread(
; CHECK: call ptr @cairn_heap_alloc_list(ptr null, i32 8, i32 4)
define ptr @thread() {
  %l = call ptr @cairn.alloc.list(i32 8, i32 4)
  ret ptr %l
}

; CHECK-LABEL: define ptr @static(
; CHECK: call ptr @cairn_heap_try_alloc_dict(ptr {{(nonnull )?}}@my_heap, i32 16)
define ptr @static() "cairn-heap"="static" "cairn-heap-symbol"="my_heap" {
  %d = call ptr @cairn.try.alloc.dict(i32 16)
  ret ptr %d
}

; CHECK-LABEL: define ptr @argument(
; CHECK: call ptr @cairn_heap_alloc_byte_array(ptr %heap, i32 %n, i32 1)
define ptr @argument(i32 %n, ptr %heap) "cairn-heap"="argument" "cairn-heap-argument"="1" {
  %b = call ptr @cairn.alloc.byte.array(i32 %n, i32 1)
  ret ptr %b
}

; Negative: what has a container finds the heap by itself.
; CHECK-LABEL: define i1 @use(
; CHECK: call void @cairn_list_append_ref(ptr %l, ptr %o)
; CHECK: call double @cairn_list_get_float(ptr %l, i32 %i)
; CHECK: call void @cairn_dict_set(ptr %d, ptr %key, i64 %n, ptr %o)
; CHECK: call i1 @cairn_dict_delete(ptr %d, ptr %key, i64 %n)
; WASM-LABEL: define i1 @use(
; WASM: [[N:%.*]] = trunc i64 %n to i32
; WASM: call void @cairn_dict_set(ptr %d, ptr %key, i32 [[N]], ptr %o)
; WASM: call i1 @cairn_dict_delete(ptr %d, ptr %key, i32
define i1 @use(ptr %l, ptr %d, ptr %o, i32 %i, ptr %key, i64 %n, ptr %out) "cairn-heap"="static" {
  call void @cairn.list.append.ref(ptr %l, ptr %o)
  %x = call double @cairn.list.get.float(ptr %l, i32 %i)
  store double %x, ptr %out
  call void @cairn.dict.set(ptr %d, ptr %key, i64 %n, ptr %o)
  %was = call i1 @cairn.dict.delete(ptr %d, ptr %key, i64 %n)
  ret i1 %was
}

; WASM-LABEL: define ptr @text(
; WASM: call ptr @cairn_heap_alloc_string(ptr null, ptr %p, i32 {{%.*}})
define ptr @text(ptr %p, i64 %n) {
  %s = call ptr @cairn.alloc.string(ptr %p, i64 %n)
  ret ptr %s
}

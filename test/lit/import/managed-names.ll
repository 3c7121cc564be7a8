; The C names of managed references become managed intrinsics, with the attributes of their
; plain forms, and what constants say is said at the call. Sizes are extended from size_t.
;
; RUN: sed s/SIZE/i64/g %s > %t.64.ll
; RUN: %opt -mtriple=x86_64-linux-gnu -passes='cairn-import,verify' -S %t.64.ll | FileCheck %s --implicit-check-not=cairn_ref
; RUN: sed s/SIZE/i32/g %s > %t.32.ll
; RUN: %opt -mtriple=wasm32 -data-layout=e-p:32:32 -passes='cairn-import,verify' -S %t.32.ll | FileCheck %s --check-prefix=WASM --implicit-check-not=cairn_ref

%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@leaf = internal constant %type { i32 16, i16 16, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

; CHECK-LABEL: @new(
define ptr addrspace(77) @new(ptr %type) personality ptr @person {
; The type is known: nothing that the program wrote is read, and nothing can fail.
; CHECK-NEXT: call nonnull align 16 ptr addrspace(77) @cairn.ref.alloc(ptr @leaf) #[[LEAF:[0-9]+]]
  %a = call ptr addrspace(77) @cairn_ref_new(ptr @leaf)
; CHECK-NEXT: call ptr addrspace(77) @cairn.ref.alloc(ptr %type){{$}}
  %b = call ptr addrspace(77) @cairn_ref_new(ptr %type)
; CHECK-NEXT: call void @cairn.ref.set.tag(ptr addrspace(77) %a, i8 3)
  call void @cairn_ref_set_tag(ptr addrspace(77) %a, i8 3)
; CHECK-NEXT: call nonnull ptr addrspace(77) @cairn.ref.alloc.bytes(i64 8)
; WASM: call nonnull ptr addrspace(77) @cairn.ref.alloc.bytes(i64 8)
  %c = call ptr addrspace(77) @cairn_ref_new_bytes(SIZE 8)
; No Cairn function throws.
; CHECK-NEXT: %n = call i64 @cairn.ref.length(ptr addrspace(77) %b)
; WASM: [[N:%.*]] = call i64 @cairn.ref.length(ptr addrspace(77) %b)
; WASM-NEXT: trunc i64 [[N]] to i32
  %n = invoke SIZE @cairn_ref_length(ptr addrspace(77) %b) to label %fine unwind label %bad
fine:
  ret ptr addrspace(77) %c
bad:
  %l = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %l
}

; CHECK-LABEL: @convert(
define ptr addrspace(77) @convert(ptr addrspace(77) %p) {
; CHECK-NEXT: call ptr @cairn.ref.borrow(ptr addrspace(77) %p)
  %q = call ptr @cairn_ref_borrow(ptr addrspace(77) %p)
; CHECK-NEXT: call ptr addrspace(77) @cairn.ref.retain(ptr %q)
  %r = call ptr addrspace(77) @cairn_ref_retain(ptr %q)
  ret ptr addrspace(77) %r
}

; A function's heap binding holds for managed objects.
; CHECK-LABEL: @bound(
define ptr addrspace(77) @bound(ptr %heap) "cairn-heap"="argument" "cairn-heap-argument"="0" {
; CHECK-NEXT: call nonnull align 16 ptr addrspace(77) @cairn.ref.heap.alloc(ptr %heap, ptr @leaf)
  %a = call ptr addrspace(77) @cairn_ref_new(ptr @leaf)
; CHECK-NEXT: call ptr addrspace(77) @cairn.ref.heap.alloc.dict(ptr %heap, i32 4)
  %b = call ptr addrspace(77) @cairn_ref_new_dict(i32 4)
; CHECK-NEXT: ret
  ret ptr addrspace(77) %a
}

; CHECK: declare noalias noundef align 8 ptr addrspace(77) @cairn.ref.alloc(ptr)
; CHECK: #[[LEAF]] = { memory(inaccessiblemem: readwrite) "cairn-type"="16,16,{{[0-9]+}},0" }

declare ptr addrspace(77) @cairn_ref_new(ptr)
declare ptr addrspace(77) @cairn_ref_new_bytes(SIZE)
declare ptr addrspace(77) @cairn_ref_new_dict(i32)
declare void @cairn_ref_set_tag(ptr addrspace(77), i8)
declare SIZE @cairn_ref_length(ptr addrspace(77))
declare ptr @cairn_ref_borrow(ptr addrspace(77))
declare ptr addrspace(77) @cairn_ref_retain(ptr)
declare i32 @person(...)

; A type without the fields that were retained is no guess for the object. The object here is an array of structures,
; and the field that is read lies in one of its elements. An object of the only type that the module makes by itself has
; no field there: on an arm for it nothing would keep what was read alive.
; RUN: %opt -passes=cairn-specialise,verify -pass-remarks-missed=cairn-specialise -S %s -o %t.ll 2>&1 | FileCheck %s --check-prefix=SAID
; RUN: FileCheck %s < %t.ll
; RUN: %opt -passes=cairn-specialise,cairn-certify -disable-output %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@item = internal global %cairn_type { i32 8, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))

define ptr addrspace(77) @item_of(i64 %n) "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @item)
  store i64 %n, ptr addrspace(77) %new
  ret ptr addrspace(77) %new
}

; Negative (fields.ll has the release that is specialised):
; SAID: remark: {{.*}} fits no type that the module allocates
; CHECK-LABEL: @of_element(
; CHECK-NOT: is.last
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %key)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %table)
define ptr addrspace(77) @of_element(ptr addrspace(77) "cairn-owned" %table) "cairn-counts-inserted" {
  %element = getelementptr i8, ptr addrspace(77) %table, i64 48
  %field = getelementptr i8, ptr addrspace(77) %element, i64 8
  %key = load ptr addrspace(77), ptr addrspace(77) %field
  call void @cairn.ref.incref(ptr addrspace(77) %key)
  call void @cairn.ref.decref(ptr addrspace(77) %table)
  ret ptr addrspace(77) %key
}

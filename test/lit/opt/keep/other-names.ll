; Whoever may write to the new object by another name, or at a place that is not known, may have written over what
; the memory held.
; RUN: %opt -passes=cairn-keep -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare ptr @cairn.ref.borrow(ptr addrspace(77))

; Negative: a pointer that is borrowed from it.
; CHECK-LABEL: @borrowed(
; CHECK: store i64 7, ptr
; CHECK: store i64 %key, ptr addrspace(77) %to.key
define ptr addrspace(77) @borrowed(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %from.key = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 16
  %key = load i64, ptr addrspace(77) %from.key
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 3, i1 false)
  %plain = call ptr @cairn.ref.borrow(ptr addrspace(77) %new)
  %there = getelementptr inbounds i8, ptr %plain, i64 16
  store i64 7, ptr %there
  %to.key = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %key, ptr addrspace(77) %to.key
  ret ptr addrspace(77) %new
}

; Negative: a place that is computed, with an address that may leave the object's bounds for a while.
; CHECK-LABEL: @computed(
; CHECK: store i64 7, ptr addrspace(77) %there
; CHECK: store i64 %key, ptr addrspace(77) %to.key
define ptr addrspace(77) @computed(ptr addrspace(77) "cairn-owned" %x, i64 %at) "cairn-counts-inserted" {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %from.key = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 16
  %key = load i64, ptr addrspace(77) %from.key
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 3, i1 false)
  %there = getelementptr i8, ptr addrspace(77) %new, i64 %at
  store i64 7, ptr addrspace(77) %there
  %to.key = getelementptr inbounds i8, ptr addrspace(77) %new, i64 16
  store i64 %key, ptr addrspace(77) %to.key
  ret ptr addrspace(77) %new
}

; Negative: written by a plain store before.
; CHECK-LABEL: @written(
; CHECK: store i64 7
; CHECK: store i64 %key
define ptr addrspace(77) @written(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %from.key = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 16
  %key = load i64, ptr addrspace(77) %from.key
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 3, i1 false)
  %to.key = getelementptr i8, ptr addrspace(77) %new, i64 16
  store i64 7, ptr addrspace(77) %to.key
  store i64 %key, ptr addrspace(77) %to.key
  ret ptr addrspace(77) %new
}

; A cell that has to lie on a heap is the object itself if this is the last reference and the object lies within the
; heap's bounds, both inline; the copy is a call that is given the heap. Where the heap may be null, that is asked too.
;
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
@heap = external global i8
declare ptr @cairn.own.cell.on(ptr, i32, ptr)
declare ptr @cairn.own.tagged.cell.on(ptr, i32, ptr)
declare i1 @cairn.is.on(ptr, ptr)

; CHECK-LABEL: define ptr @own(
; CHECK: [[WORD:%.*]] = load atomic i64, ptr {{%.*}} monotonic
; CHECK-NEXT: and i64 [[WORD]], -71776119061217281
; CHECK-NEXT: icmp eq i64 {{.*}}, -9079256844483952639
; CHECK-NEXT: br i1 {{.*}} !prof
; CHECK-NOT: icmp eq ptr
; CHECK: [[BASE:%.*]] = load i64, ptr @heap
; CHECK: sub i64 {{%.*}}, [[BASE]]
; CHECK: icmp ult i64
; CHECK: call {{.*}}ptr @cairn_rt_own_cell_on{{(.eager)?}}(ptr {{.*}}%x, i32 {{.*}}-2113929215, ptr {{.*}}@heap)
; CHECK: phi ptr
define ptr @own(ptr %x) {
  %cell = call ptr @cairn.own.cell.on(ptr %x, i32 -2113929215, ptr @heap)
  ret ptr %cell
}

; A copy gets the tag.
; CHECK-LABEL: define ptr @tagged(
; CHECK: [[CELL:%.*]] = call {{.*}}ptr @cairn_rt_own_cell_on{{(.eager)?}}(
; CHECK: [[AT:%.*]] = getelementptr {{.*}} [[CELL]], i64 -4
; CHECK: store i32 -2113798143, ptr [[AT]]
define ptr @tagged(ptr %x) {
  %cell = call ptr @cairn.own.tagged.cell.on(ptr %x, i32 -2113798143, ptr @heap)
  ret ptr %cell
}

; A parameter may be null, which is the default heap.
; CHECK-LABEL: define i1 @is(
; CHECK: icmp eq ptr %heap, null
; CHECK: icmp ult i64
define i1 @is(ptr %x, ptr %heap) {
  %is = call i1 @cairn.is.on(ptr %x, ptr %heap)
  ret i1 %is
}

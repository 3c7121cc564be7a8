; A host of code that is made while the program runs lets the runtime's functions make and count
; objects at -O0: they are shorter to compile than copies of the fast paths.
; DEFINE: %{calls} = -cairn-call-runtime -S %s
; RUN: %opt -passes='cairn-lower<O0>' %{calls} | FileCheck %s --implicit-check-not=cairn.
;
; Negative: the copies are there at -O1, and without the option at -O0.
; RUN: %opt -passes='cairn-lower<O1>' %{calls} | FileCheck %s --check-prefix=COPIES
; RUN: %opt -passes='cairn-lower<O0>' -S %s | FileCheck %s --check-prefix=COPIES
;
; Programs that are built to look at each call do so.
; RUN: sed '$a !llvm.module.flags = !{!0}\n!0 = !{i32 7, !"cairn-checked", i32 1}' %s > %t.ll
; RUN: %opt -passes='cairn-lower<O0>' -cairn-call-runtime -S %t.ll | FileCheck %s --check-prefix=CHECKED

target triple = "x86_64-unknown-linux-gnu"
%t = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node = internal global %t { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.heap.alloc.tagged(ptr, ptr, i8)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)

; CHECK-LABEL: define i1 @objects(
; CHECK: %[[P:.*]] = call ptr @cairn_rt_alloc_type(ptr noundef @node, ptr noundef null)
; CHECK: call void @cairn_incref(ptr %[[P]])
; CHECK-NEXT: call void @cairn_decref(ptr %[[P]])
; CHECK-NEXT: %[[ONE:.*]] = call i1 @cairn_is_unique(ptr %[[P]])
; CHECK-NEXT: ret i1 %[[ONE]]
; CHECKED-LABEL: define i1 @objects(
; CHECKED: call {{.*}}@cairn_rt_check_incref(
; CHECKED-NOT: @cairn_incref
; COPIES-LABEL: define i1 @objects(
; COPIES: call preserve_mostcc ptr @cairn_rt_take_slot_or_fail
; COPIES: call preserve_mostcc void @cairn_rt_decref
; COPIES: ret i1
define i1 @objects() #0 {
  %p = call ptr @cairn.alloc(ptr @node)
  call void @cairn.incref(ptr %p)
  call void @cairn.decref(ptr %p)
  %one = call i1 @cairn.is.unique(ptr %p)
  ret i1 %one
}

; The heap's call, and the tag in the header word.
; CHECK-LABEL: define ptr @tagged(
; CHECK: call ptr @cairn_rt_alloc_type(ptr noundef @node, ptr noundef %heap)
; CHECK: or i32 %{{.*}}, 196608
; CHECK: ret ptr
define ptr @tagged(ptr %heap) #0 {
  %p = call ptr @cairn.heap.alloc.tagged(ptr %heap, ptr @node, i8 3)
  ret ptr %p
}

attributes #0 = { nounwind }

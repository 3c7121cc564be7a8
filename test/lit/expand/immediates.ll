; Where a module flag says that odd words in references may be integers of the frontend's, each
; inlined count looks at the low bit first: one test and one branch. Without the flag there is
; none, and none of an object that this function allocated.
;
; RUN: sed 's/FLAG/1/' %s | %opt -passes=cairn-lower -S | FileCheck %s --check-prefixes=CHECK,SOME --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_
; RUN: sed 's/FLAG/0/' %s | %opt -passes=cairn-lower -S | FileCheck %s --check-prefixes=CHECK,NONE
; RUN: sed 's/FLAG/0/' %s | grep -v llvm.module.flags | %opt -passes=cairn-lower -S | FileCheck %s --check-prefixes=CHECK,NONE
; RUN: sed 's/FLAG/1/' %s | sed 's/{!0}/{!0, !1}/' | %opt -passes=cairn-lower -S | FileCheck %s --check-prefix=CHECKED

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)
declare void @cairn.share(ptr)
declare ptr @cairn.alloc.bytes(i64)

; CHECK-LABEL: define void @incref(
; SOME-NEXT: icmp eq ptr %p, null
; SOME: and i64 %{{.*}}, 1
; SOME: br i1
; NONE-NOT: and i64
; CHECK: call preserve_mostcc void @cairn_rt_incref.eager(ptr noundef nonnull %p)
define void @incref(ptr %p) {
  call void @cairn.incref(ptr %p)
  ret void
}

; CHECK-LABEL: define void @decref(
; CHECK-NOT: icmp eq ptr %p, null
; SOME: and i64 %{{.*}}, 1
; NONE-NOT: and i64
; CHECK: call preserve_mostcc void @cairn_rt_decref.eager(ptr noundef
define void @decref(ptr nonnull %p) {
  call void @cairn.decref(ptr %p)
  ret void
}

; An integer is nobody's object.
; CHECK-LABEL: define i1 @unique(
; SOME: and i64 %{{.*}}, 1
; SOME: phi i1 {{.*}}false
; NONE-NOT: and i64
; CHECK: ret i1
define i1 @unique(ptr %p) {
  %u = call i1 @cairn.is.unique(ptr %p)
  ret i1 %u
}

; CHECK-LABEL: define void @share(
; SOME: and i64 %{{.*}}, 1
; SOME: br i1
; NONE-NOT: and i64
; CHECK: call void @cairn_rt_share(ptr
; CHECKED-LABEL: define void @share(
; CHECKED: and i64 %{{.*}}, 1
; CHECKED: br i1
; CHECKED: call void @cairn_rt_check_share(ptr
define void @share(ptr %p) {
  call void @cairn.share(ptr %p)
  ret void
}

; CHECK-LABEL: define ptr @fresh(
; CHECK-NOT: and i64
; CHECK: ret ptr
define ptr @fresh() {
  %p = call nonnull ptr @cairn.alloc.bytes(i64 8)
  call void @cairn.incref(ptr %p)
  ret ptr %p
}

!llvm.module.flags = !{!0}
!0 = !{i32 1, !"cairn-immediates", i32 FLAG}
!1 = !{i32 7, !"cairn-checked", i32 1}

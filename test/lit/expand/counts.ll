; Counts: one signed compare inline, and a test for null only where null is possible.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)
declare void @cairn.share(ptr)

; CHECK-LABEL: define void @incref(
; CHECK-NEXT: icmp eq ptr %p, null
; CHECK: [[N:%.*]] = load atomic i32, ptr {{%.*}} monotonic
; CHECK: [[M:%.*]] = add i32 [[N]], 1
; CHECK: icmp sgt i32 [[M]], 1
; CHECK: store atomic i32 [[M]], ptr {{%.*}} monotonic
; CHECK: call preserve_mostcc void @cairn_rt_incref.eager(ptr noundef nonnull %p)
define void @incref(ptr %p) {
  call void @cairn.incref(ptr %p)
  ret void
}

; CHECK-LABEL: define void @decref(
; CHECK-NEXT: icmp eq ptr %p, null
; CHECK: icmp sgt i32 {{%.*}}, 1
; CHECK: call preserve_mostcc void @cairn_rt_decref.eager(ptr noundef nonnull %p)
define void @decref(ptr %p) {
  call void @cairn.decref(ptr %p)
  ret void
}

; The parameter says so.
; CHECK-LABEL: define void @parameter(
; CHECK-NOT: icmp eq
; CHECK: ret void
define void @parameter(ptr nonnull %p) {
  call void @cairn.incref(ptr %p)
  call void @cairn.decref(ptr %p)
  ret void
}

; It was read through already.
; CHECK-LABEL: define i64 @used(
; CHECK-NOT: icmp eq
; CHECK: ret i64
define i64 @used(ptr %p) {
  %x = load i64, ptr %p
  call void @cairn.decref(ptr %p)
  ret i64 %x
}

; It was tested already.
; CHECK-LABEL: define void @tested(
; CHECK: icmp eq ptr %p, null
; CHECK-NOT: icmp eq
; CHECK: ret void
define void @tested(ptr %p) {
  %null = icmp eq ptr %p, null
  br i1 %null, label %out, label %some
some:
  call void @cairn.decref(ptr %p)
  br label %out
out:
  ret void
}

; CHECK-LABEL: define void @null(
; CHECK-NEXT: ret void
define void @null() {
  call void @cairn.incref(ptr null)
  call void @cairn.decref(ptr null)
  ret void
}

; CHECK-LABEL: define i1 @unique(
; CHECK: icmp eq i32 {{%.*}}, 1
; CHECK: icmp slt i32 {{%.*}}, 0
; CHECK: call preserve_mostcc {{.*}}i1 @cairn_rt_is_unique.eager(ptr noundef {{(nonnull )?}}%p)
define i1 @unique(ptr %p) {
  %u = call i1 @cairn.is.unique(ptr %p)
  ret i1 %u
}

; CHECK-LABEL: define void @share(
; CHECK-NEXT: call void @cairn_rt_share(ptr noundef %p)
define void @share(ptr %p) {
  call void @cairn.share(ptr %p)
  ret void
}

; Objects of two types may lie in one memory, one after the other, and no call is between them once
; free, alloc and cells are inlined. So what accesses say of types and scopes goes: at the latest in
; functions that both give memory back and take some, and from references when they become plain.
; RUN: %opt -load-pass-plugin=%plugin -passes=cairn-plain -S %s | FileCheck %s --check-prefix=PLAIN
; RUN: %opt -load-pass-plugin=%plugin -passes='cairn-lower<O1>' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)

; PLAIN-LABEL: define i32 @reference
; PLAIN-NEXT: load i32, ptr %p, align 4{{$}}
; PLAIN: load i32, ptr %i, align 4{{$}}
define i32 @reference(ptr addrspace(77) %p) "cairn-counts-inserted" {
  %v = load i32, ptr addrspace(77) %p, align 4, !tbaa !0, !alias.scope !5, !noalias !5
  %i = getelementptr i8, ptr addrspace(77) %p, i64 4
  %w = load i32, ptr addrspace(77) %i, align 4, !invariant.load !7
  %s = add i32 %v, %w
  ret i32 %s
}

; CHECK-LABEL: define {{.*}}@turns_over
; CHECK: load i32, ptr %p, align 4{{$}}
; CHECK: store i32 %v, ptr @kept, align 4, !tbaa
; CHECK: store float %f, ptr %{{.*}}, align 4{{$}}
@kept = global i32 0
define ptr @turns_over(ptr %p, float %f) {
  %v = load i32, ptr %p, align 4, !tbaa !0
  store i32 %v, ptr @kept, align 4, !tbaa !0
  call void @cairn.free(ptr %p)
  %q = call ptr @cairn.malloc(i64 16)
  store float %f, ptr %q, align 4, !tbaa !3
  ret ptr %q
}

; Negative: what only takes memory, or only gives some back, keeps them.
; CHECK-LABEL: define {{.*}}@takes
; CHECK: store float %f, ptr %{{.*}}, align 4, !tbaa
define ptr @takes(float %f) {
  %q = call ptr @cairn.malloc(i64 16)
  store float %f, ptr %q, align 4, !tbaa !3
  ret ptr %q
}

!0 = !{!1, !1, i64 0}
!1 = !{!"int", !2}
!2 = !{!"C"}
!3 = !{!4, !4, i64 0}
!4 = !{!"float", !2}
!5 = !{!6}
!6 = distinct !{!6, !7}
!7 = distinct !{!7}

; Structures and arrays of references in registers are split: each reference is a scalar, and what
; lies between stays whole. Results are taken apart right after the call, whether all of it is used
; or not: each reference in it has a count that somebody has to give back.
; RUN: %opt -passes=cairn-slots,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%two = type { ptr addrspace(77), { i32, i32 } }
%nested = type { i64, [2 x %two] }

declare %two @make()
declare void @take(%two)
declare void @take.nested(%nested)
declare void @use(ptr addrspace(77))
declare i32 @__gxx_personality_v0(...)

; CHECK-LABEL: define void @unused(
; CHECK-NEXT: %r = call %two @make()
; CHECK-NEXT: extractvalue %two %r, 0
define void @unused() {
  %r = call %two @make()
  ret void
}

; CHECK-LABEL: define %two @joined(
; CHECK-NEXT: [[B0:%.*]] = extractvalue %two %b, 0
; CHECK-NEXT: [[B1:%.*]] = extractvalue %two %b, 1
; CHECK: [[A0:%.*]] = extractvalue %two %a, 0
; CHECK-NEXT: [[A1:%.*]] = extractvalue %two %a, 1
; CHECK: [[P0:%.*]] = phi ptr addrspace(77) [ [[A0]], %made ], [ [[B0]], %0 ]
; CHECK-NEXT: [[P1:%.*]] = phi { i32, i32 } [ [[A1]], %made ], [ [[B1]], %0 ]
; CHECK-NEXT: [[S0:%.*]] = select i1 %d, ptr addrspace(77) [[P0]], ptr addrspace(77) null
; CHECK-NEXT: [[S1:%.*]] = select i1 %d, { i32, i32 } [[P1]], { i32, i32 } zeroinitializer
; CHECK-NEXT: [[F0:%.*]] = freeze ptr addrspace(77) [[S0]]
; CHECK-NEXT: [[F1:%.*]] = freeze { i32, i32 } [[S1]]
; CHECK-NEXT: [[I1:%.*]] = insertvalue { i32, i32 } [[F1]], i32 7, 1
; CHECK-NEXT: [[R:%.*]] = insertvalue %two poison, ptr addrspace(77) [[F0]], 0
; CHECK-NEXT: [[R1:%.*]] = insertvalue %two [[R]], { i32, i32 } [[I1]], 1
; CHECK-NEXT: ret %two [[R1]]
define %two @joined(i1 %c, i1 %d, %two %b) {
  br i1 %c, label %made, label %join
made:
  %a = call %two @make()
  br label %join
join:
  %p = phi %two [ %a, %made ], [ %b, %0 ]
  %s = select i1 %d, %two %p, %two zeroinitializer
  %f = freeze %two %s
  %i = insertvalue %two %f, i32 7, 1, 1
  ret %two %i
}

; CHECK-LABEL: define void @memory(
; CHECK-NEXT: [[V0:%.*]] = load i64, ptr addrspace(77) %o, align 8
; CHECK-NEXT: [[AT:%.*]] = getelementptr inbounds i8, ptr addrspace(77) %o, i64 8
; CHECK-NEXT: [[V1:%.*]] = load ptr addrspace(77), ptr addrspace(77) [[AT]], align 8
; CHECK: store ptr addrspace(77) [[V1]], ptr {{%.*}}, align 8
; CHECK: call void @take.nested(%nested {{%.*}})
define void @memory(ptr addrspace(77) %o, ptr %to) {
  %v = load %nested, ptr addrspace(77) %o
  store %nested %v, ptr %to
  call void @take.nested(%nested %v)
  ret void
}

; undef and poison are null.
; CHECK-LABEL: define void @undefined(
; CHECK-NEXT: call void @use(ptr addrspace(77) null)
; CHECK-NEXT: call void @use(ptr addrspace(77) null)
; CHECK-NEXT: call void @use(ptr addrspace(77) null)
define void @undefined() {
  %i = insertvalue %two poison, { i32, i32 } zeroinitializer, 1
  %p = extractvalue %two %i, 0
  call void @use(ptr addrspace(77) %p)
  %f = freeze ptr addrspace(77) undef
  call void @use(ptr addrspace(77) %f)
  call void @use(ptr addrspace(77) addrspacecast (ptr null to ptr addrspace(77)))
  ret void
}

; An invoke's result is taken apart where the call returns to.
; CHECK-LABEL: define ptr addrspace(77) @invoked(
; CHECK: %r = invoke %two @make()
; CHECK-NEXT: to label [[DEST:%.*]] unwind
; CHECK: extractvalue %two %r, 0
define ptr addrspace(77) @invoked(i1 %c) personality ptr @__gxx_personality_v0 {
  br i1 %c, label %call, label %done
call:
  %r = invoke %two @make() to label %done unwind label %lpad
done:
  %p = phi %two [ zeroinitializer, %0 ], [ %r, %call ]
  %q = extractvalue %two %p, 0
  ret ptr addrspace(77) %q
lpad:
  %l = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %l
}

; NEGATIVE: a structure without references is left as it is.
; CHECK-LABEL: define { i32, i32 } @other(
; CHECK: %p = phi { i32, i32 } [ %b, %made ], [ zeroinitializer, %0 ]
define { i32, i32 } @other(i1 %c, { i32, i32 } %b, ptr addrspace(77) %o) {
  br i1 %c, label %made, label %join
made:
  br label %join
join:
  %p = phi { i32, i32 } [ %b, %made ], [ zeroinitializer, %0 ]
  ret { i32, i32 } %p
}

; NEGATIVE: nothing may stand between a tail call that must be one and its return.
; CHECK-LABEL: define %two @tail(
; CHECK-NEXT: %r = musttail call %two @make()
; CHECK-NEXT: ret %two %r
define %two @tail() {
  %r = musttail call %two @make()
  ret %two %r
}

; A structure that is passed by value in memory keeps the caller's counts: the callee copies its
; references, so that it may change and release its own. sret memory is the caller's slots.
; RUN: %opt -passes=cairn-slots,verify -S %s | FileCheck %s
; A second pass copies nothing again, and inlining finds references in the memory, no integers.
; RUN: %opt -passes=cairn-copies,cairn-slots,verify -S %s | FileCheck %s
; RUN: %opt -passes=cairn-copies,always-inline,sroa,instcombine,cairn-slots,verify -S %s | FileCheck %s --check-prefix=INLINED

target triple = "x86_64-unknown-linux-gnu"
%pair = type { ptr addrspace(77), i64, ptr addrspace(77) }

declare void @use(ptr addrspace(77))
declare void @escape(ptr)
; Callees read what a slot holds before they store there, and callers read it after the call.
; CHECK: declare void @make(ptr sret(%pair) align 8)
declare void @make(ptr dead_on_unwind sret(%pair) align 8)

; CHECK-LABEL: define void @reads(
; CHECK: [[P:%.*]] = load ptr addrspace(77), ptr %v,
; CHECK: call void @use(ptr addrspace(77) [[P]])
; CHECK-NEXT: ret void
define void @reads(ptr byval(%pair) align 8 %v) {
  %p = load ptr addrspace(77), ptr %v
  call void @use(ptr addrspace(77) %p)
  ret void
}

; CHECK-LABEL: define void @changes(
; CHECK: %v.copy = alloca %pair, align 16
; CHECK: load ptr addrspace(77), ptr %v, align 8
; CHECK: call void @llvm.memcpy{{.*}}, i64 8, i1 false)
; CHECK: store ptr addrspace(77) {{%.*}}, ptr %v.copy
; CHECK: call void @escape(ptr %v.copy)
; CHECK: store ptr addrspace(77) null, ptr %v.copy
; CHECK: ret void
define void @changes(ptr byval(%pair) align 16 %v) {
  call void @escape(ptr %v)
  ret void
}

; CHECK-LABEL: define void @returns(
; CHECK: store ptr addrspace(77) %p, ptr %out, align 8
; CHECK: getelementptr inbounds i8, ptr %out, i64 16
; CHECK: store ptr addrspace(77) %p, ptr
; CHECK-NEXT: ret void
define void @returns(ptr sret(%pair) align 8 %out, ptr addrspace(77) %p) {
  store ptr addrspace(77) %p, ptr %out
  %s = getelementptr inbounds i8, ptr %out, i64 16
  store ptr addrspace(77) %p, ptr %s
  ret void
}

; CHECK-LABEL: define void @calls(
; CHECK: store ptr addrspace(77) null, ptr %v, align 8, !cairn.initialises
; CHECK: call void @make(ptr sret(%pair) align 8 %v)
; CHECK: load ptr addrspace(77), ptr %v
; CHECK: store ptr addrspace(77) null, ptr %v
; CHECK: ret void
define void @calls() {
  %v = alloca %pair
  call void @make(ptr dead_on_unwind sret(%pair) align 8 %v)
  %p = load ptr addrspace(77), ptr %v
  call void @use(ptr addrspace(77) %p)
  ret void
}

; INLINED-LABEL: define void @inlined(
; INLINED: load ptr addrspace(77), ptr %v
; INLINED: store ptr addrspace(77) {{%.*}}, ptr %to
; INLINED-NOT: load i64, ptr %v,
; INLINED: ret void
define internal void @stores(ptr byval(%pair) %v, ptr %to) alwaysinline {
  %p = load ptr addrspace(77), ptr %v
  store ptr addrspace(77) %p, ptr %to
  ret void
}
define void @inlined(ptr %v, ptr %to) {
  call void @stores(ptr byval(%pair) %v, ptr %to)
  ret void
}

; NEGATIVE: without references, the parameter is used as it is.
; CHECK-LABEL: define i64 @other(
; CHECK-NEXT: load i64, ptr %v
define i64 @other(ptr byval({ i64, i64, i64 }) %v, ptr addrspace(77) %p) {
  %n = load i64, ptr %v
  ret i64 %n
}

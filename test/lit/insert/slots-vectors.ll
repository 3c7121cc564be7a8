; LLVM's vectorisers make vectors of neighbouring references. They are split, one operation an
; element; where an index varies, each element is chosen by a select.
; RUN: split-file %s %t
; RUN: %opt -passes=cairn-slots,verify -S %t/good.ll | FileCheck %t/good.ll
; RUN: not %opt -passes=cairn-slots -S %t/mask.ll 2>&1 | FileCheck %t/mask.ll
; RUN: not %opt -passes=cairn-slots -S %t/scalable.ll 2>&1 | FileCheck %t/scalable.ll
; RUN: not %opt -passes=cairn-slots -S %t/scatter.ll 2>&1 | FileCheck %t/scatter.ll

;--- good.ll
target triple = "x86_64-unknown-linux-gnu"

declare void @use(ptr addrspace(77))

; CHECK-LABEL: define void @copy(
; CHECK-NEXT: [[A:%.*]] = load ptr addrspace(77), ptr addrspace(77) %from, align 8
; CHECK-NEXT: [[AT:%.*]] = getelementptr inbounds i8, ptr addrspace(77) %from, i64 8
; CHECK-NEXT: [[B:%.*]] = load ptr addrspace(77), ptr addrspace(77) [[AT]], align 8
; CHECK-NEXT: store ptr addrspace(77) [[B]], ptr addrspace(77) %to, align 8
; CHECK-NEXT: [[AT:%.*]] = getelementptr inbounds i8, ptr addrspace(77) %to, i64 8
; CHECK-NEXT: store ptr addrspace(77) [[A]], ptr addrspace(77) [[AT]], align 8
define void @copy(ptr addrspace(77) %to, ptr addrspace(77) %from) {
  %v = load <2 x ptr addrspace(77)>, ptr addrspace(77) %from, align 8
  %s = shufflevector <2 x ptr addrspace(77)> %v, <2 x ptr addrspace(77)> poison, <2 x i32> <i32 1, i32 0>
  store <2 x ptr addrspace(77)> %s, ptr addrspace(77) %to, align 8
  ret void
}

; CHECK-LABEL: define <2 x i1> @null(
; CHECK: icmp eq ptr addrspace(77) {{.*}}, null
; CHECK: icmp eq ptr addrspace(77) {{.*}}, null
; CHECK: insertelement <2 x i1>
define <2 x i1> @null(ptr addrspace(77) %p, ptr addrspace(77) %q) {
  %a = insertelement <2 x ptr addrspace(77)> poison, ptr addrspace(77) %p, i32 0
  %b = insertelement <2 x ptr addrspace(77)> %a, ptr addrspace(77) %q, i32 1
  %c = icmp eq <2 x ptr addrspace(77)> %b, zeroinitializer
  ret <2 x i1> %c
}

; CHECK-LABEL: define void @index(
; CHECK: [[FIRST:%.*]] = icmp eq i32 %i, 0
; CHECK-NEXT: select i1 [[FIRST]], ptr addrspace(77) %p, ptr addrspace(77) null
; CHECK: call void @use(ptr addrspace(77) {{%.*}})
define void @index(ptr addrspace(77) %p, ptr addrspace(77) %q, i32 %i) {
  %a = insertelement <2 x ptr addrspace(77)> poison, ptr addrspace(77) %p, i32 0
  %b = insertelement <2 x ptr addrspace(77)> %a, ptr addrspace(77) %q, i32 1
  %c = extractelement <2 x ptr addrspace(77)> %b, i32 %i
  call void @use(ptr addrspace(77) %c)
  ret void
}

; A mask that is constant says which elements there are.
; CHECK-LABEL: define void @masked(
; CHECK-NEXT: [[AT:%.*]] = getelementptr inbounds i8, ptr addrspace(77) %from, i64 8
; CHECK-NEXT: [[B:%.*]] = load ptr addrspace(77), ptr addrspace(77) [[AT]]
; CHECK-NEXT: call void @use(ptr addrspace(77) null)
; CHECK-NEXT: call void @use(ptr addrspace(77) [[B]])
define void @masked(ptr addrspace(77) %from) {
  %v = call <2 x ptr addrspace(77)> @llvm.masked.load.v2p77.p77(ptr addrspace(77) %from, i32 8, <2 x i1> <i1 false, i1 true>, <2 x ptr addrspace(77)> zeroinitializer)
  %a = extractelement <2 x ptr addrspace(77)> %v, i32 0
  %b = extractelement <2 x ptr addrspace(77)> %v, i32 1
  call void @use(ptr addrspace(77) %a)
  call void @use(ptr addrspace(77) %b)
  ret void
}

; CHECK-LABEL: define void @scattered(
; CHECK: [[TO:%.*]] = extractelement <2 x ptr> %to, i64 1
; CHECK: store ptr addrspace(77) {{%.*}}, ptr [[TO]]
; CHECK-NEXT: ret void
define void @scattered(<2 x ptr> %to, <2 x ptr addrspace(77)> %v) {
  call void @llvm.masked.scatter.v2p77.v2p0(<2 x ptr addrspace(77)> %v, <2 x ptr> %to, i32 8, <2 x i1> <i1 false, i1 true>)
  ret void
}

; Numbers that are gathered from fields of several objects.
; CHECK-LABEL: define <2 x i64> @gathered(
; CHECK: [[A:%.*]] = load i64, ptr addrspace(77)
; CHECK: [[B:%.*]] = load i64, ptr addrspace(77)
; CHECK: insertelement <2 x i64> {{.*}}, i64 [[B]], i64 1
define <2 x i64> @gathered(<2 x ptr addrspace(77)> %from) {
  %f = getelementptr i8, <2 x ptr addrspace(77)> %from, i64 8
  %v = call <2 x i64> @llvm.masked.gather.v2i64.v2p77(<2 x ptr addrspace(77)> %f, i32 8, <2 x i1> <i1 true, i1 true>, <2 x i64> poison)
  ret <2 x i64> %v
}

; NEGATIVE: vectors of other things stay, and of plain pointers.
; CHECK-LABEL: define void @other(
; CHECK-NEXT: load <2 x ptr>, ptr addrspace(77) %p
define void @other(ptr addrspace(77) %p, ptr %to) {
  %v = load <2 x ptr>, ptr addrspace(77) %p, align 8
  store <2 x ptr> %v, ptr %to, align 8
  ret void
}

;--- mask.ll
target triple = "x86_64-unknown-linux-gnu"
; CHECK: error: {{.*}}in function f {{.*}}cairn: references are loaded or stored under a mask that is known at run time only; run cairn-slots before the vectorisers: {{.*}}@llvm.masked.load
define void @f(ptr addrspace(77) %from, ptr %to, <2 x i1> %m) {
  %v = call <2 x ptr addrspace(77)> @llvm.masked.load.v2p77.p77(ptr addrspace(77) %from, i32 8, <2 x i1> %m, <2 x ptr addrspace(77)> zeroinitializer)
  store <2 x ptr addrspace(77)> %v, ptr %to
  ret void
}

;--- scalable.ll
target triple = "aarch64-unknown-linux-gnu"
; CHECK: error: {{.*}}in function f {{.*}}cairn: a scalable vector of references
define void @f(ptr addrspace(77) %from, ptr %to) {
  %v = load <vscale x 2 x ptr addrspace(77)>, ptr addrspace(77) %from
  store <vscale x 2 x ptr addrspace(77)> %v, ptr %to
  ret void
}

;--- scatter.ll
target triple = "x86_64-unknown-linux-gnu"
; CHECK: error: {{.*}}in function f {{.*}}cairn: references are loaded or stored under a mask that is known at run time only
define void @f(<2 x ptr> %to, <2 x ptr addrspace(77)> %v, <2 x i1> %m) {
  call void @llvm.masked.scatter.v2p77.v2p0(<2 x ptr addrspace(77)> %v, <2 x ptr> %to, i32 8, <2 x i1> %m)
  ret void
}

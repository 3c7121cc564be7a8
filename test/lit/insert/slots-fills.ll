; memset with 0 stores null references, each of which releases what was there. Other bytes make no
; references.
; RUN: split-file %s %t
; RUN: %opt -passes=cairn-copies,verify -S %t/good.ll | FileCheck %t/good.ll
; RUN: not %opt -passes=cairn-copies -S %t/byte.ll 2>&1 | FileCheck %t/byte.ll
; RUN: not %opt -passes=cairn-copies -S %t/part.ll 2>&1 | FileCheck %t/part.ll

;--- good.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
%pair = type { ptr addrspace(77), i64, ptr addrspace(77) }

@fields = internal constant [2 x i32] [i32 0, i32 8]
@both = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@table = global [100 x ptr addrspace(77)] zeroinitializer

declare ptr addrspace(77) @cairn.ref.alloc(ptr)

; CHECK-LABEL: define void @variable(
; CHECK: store ptr addrspace(77) null, ptr %v, align 8
; CHECK-NEXT: [[N:%.*]] = getelementptr inbounds i8, ptr %v, i64 8
; CHECK-NEXT: call void @llvm.memset.p0.i64(ptr {{.*}}[[N]], i8 0, i64 8, i1 false)
; CHECK-NEXT: [[S:%.*]] = getelementptr inbounds i8, ptr %v, i64 16
; CHECK-NEXT: store ptr addrspace(77) null, ptr [[S]], align 8
define void @variable() {
  %v = alloca %pair
  call void @llvm.memset.p0.i64(ptr %v, i8 0, i64 24, i1 false)
  ret void
}

; LLVM writes one store for several of null.
; CHECK-LABEL: define void @merged(
; CHECK: store ptr addrspace(77) null, ptr %v
; CHECK: store ptr addrspace(77) null
; CHECK: store ptr addrspace(77) null, ptr @table
define void @merged() {
  %v = alloca [2 x ptr addrspace(77)]
  store <2 x i64> zeroinitializer, ptr %v
  store i64 0, ptr @table
  ret void
}

; CHECK-LABEL: define void @array(
; CHECK: refs:
; CHECK: store ptr addrspace(77) null
; CHECK: br i1 {{.*}}, label %refs.done, label %refs
define void @array() {
  call void @llvm.memset.p0.i64(ptr @table, i8 0, i64 800, i1 false)
  ret void
}

; A new object's references are null anyway; that is for who removes stores to see.
; CHECK-LABEL: define void @made(
; CHECK-NEXT: %p = call
; CHECK-NEXT: store ptr addrspace(77) null, ptr addrspace(77) %p
; CHECK: store ptr addrspace(77) null, ptr addrspace(77)
; CHECK: call void @llvm.memset.p77.i64(ptr addrspace(77) {{.*}}, i8 0, i64 8, i1 false)
define void @made() {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @both)
  call void @llvm.memset.p77.i64(ptr addrspace(77) %p, i8 0, i64 24, i1 false)
  ret void
}

; CHECK-LABEL: define void @object(
; CHECK-NEXT: call void @cairn.ref.fill.fields(ptr addrspace(77) %p, ptr addrspace(77) %p, i8 %byte, i64 %n)
define void @object(ptr addrspace(77) %p, i8 %byte, i64 %n) {
  call void @llvm.memset.p77.i64(ptr addrspace(77) %p, i8 %byte, i64 %n, i1 false)
  ret void
}

; NEGATIVE: no references are there.
; CHECK-LABEL: define void @other(
; CHECK: call void @llvm.memset.p0.i64(ptr %n, i8 1, i64 8, i1 false)
; CHECK: call void @llvm.memset.p0.i64(ptr %plain, i8 0, i64 24, i1 false)
; CHECK: store i64 0, ptr %n
define void @other(ptr %plain) {
  %v = alloca %pair
  %n = getelementptr i8, ptr %v, i64 8
  call void @llvm.memset.p0.i64(ptr %n, i8 1, i64 8, i1 false)
  call void @llvm.memset.p0.i64(ptr %plain, i8 0, i64 24, i1 false)
  store i64 0, ptr %n
  ret void
}

;--- byte.ll
; CHECK: in function f {{.*}}cairn: memset over references with a byte other than 0; only 0 makes them null
define void @f() {
  %v = alloca [2 x ptr addrspace(77)]
  call void @llvm.memset.p0.i64(ptr %v, i8 255, i64 16, i1 false)
  ret void
}

;--- part.ll
; CHECK: in function f {{.*}}cairn: memset over a part of a reference; fill whole references
define void @f() {
  %v = alloca [2 x ptr addrspace(77)]
  call void @llvm.memset.p0.i64(ptr %v, i8 0, i64 12, i1 false)
  ret void
}

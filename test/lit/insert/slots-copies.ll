; memcpy and memmove over references count nothing. Where the type of the memory is known they become
; loads and stores of references and copies of what lies between; where an object's header knows it,
; they become calls that ask it. cairn-copies does it alone, before types of stack memory are lost.
; RUN: split-file %s %t
; RUN: %opt -passes=cairn-copies,verify -S %t/good.ll | FileCheck %t/good.ll
; RUN: not %opt -passes=cairn-copies -S %t/volatile.ll 2>&1 | FileCheck %t/volatile.ll
; RUN: not %opt -passes=cairn-slots -S %t/inline.ll 2>&1 | FileCheck %t/inline.ll
; RUN: not %opt -passes=cairn-slots -S %t/element.ll 2>&1 | FileCheck %t/element.ll
; RUN: not %opt -passes=cairn-slots -S %t/part.ll 2>&1 | FileCheck %t/part.ll
; RUN: not %opt -passes=cairn-slots -S %t/unlike.ll 2>&1 | FileCheck %t/unlike.ll
; RUN: not %opt -passes=cairn-slots -S %t/length.ll 2>&1 | FileCheck %t/length.ll

;--- good.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
%pair = type { ptr addrspace(77), i64, ptr addrspace(77) }

@fields = internal constant [1 x i32] [i32 8]
@second = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@table = global [100 x ptr addrspace(77)] zeroinitializer
@rows = global [4 x %pair] zeroinitializer
@bytes = global [64 x i8] zeroinitializer

declare void @escape(ptr)
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr addrspace(77) @cairn.ref.alloc.bytes(i64)
declare ptr @cairn.ref.borrow(ptr addrspace(77))

; CHECK-LABEL: define void @variables(
; CHECK: [[A:%.*]] = load ptr addrspace(77), ptr %from, align 8
; CHECK-NEXT: [[TO1:%.*]] = getelementptr inbounds i8, ptr %to, i64 8
; CHECK-NEXT: [[FROM1:%.*]] = getelementptr inbounds i8, ptr %from, i64 8
; CHECK-NEXT: call void @llvm.memcpy.p0.p0.i64(ptr {{.*}}[[TO1]], ptr {{.*}}[[FROM1]], i64 8, i1 false)
; CHECK-NEXT: [[FROM2:%.*]] = getelementptr inbounds i8, ptr %from, i64 16
; CHECK-NEXT: [[B:%.*]] = load ptr addrspace(77), ptr [[FROM2]], align 8
; CHECK-NEXT: store ptr addrspace(77) [[A]], ptr %to, align 8
; CHECK-NEXT: [[TO2:%.*]] = getelementptr inbounds i8, ptr %to, i64 16
; CHECK-NEXT: store ptr addrspace(77) [[B]], ptr [[TO2]], align 8
; CHECK-NEXT: ret void
define void @variables() {
  %to = alloca %pair
  %from = alloca %pair
  call void @llvm.memcpy.p0.p0.i64(ptr align 8 %to, ptr align 8 %from, i64 24, i1 false)
  ret void
}

; One side is enough.
; CHECK-LABEL: define void @unknown(
; CHECK: load ptr addrspace(77), ptr %from
; CHECK: load ptr addrspace(77), ptr
; CHECK: store ptr addrspace(77)
; CHECK: store ptr addrspace(77)
; CHECK-NEXT: ret void
define void @unknown(ptr %from) {
  %to = alloca %pair
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 24, i1 false)
  ret void
}

; What may overlap is read before anything is written, the number in between too.
; CHECK-LABEL: define void @overlap(
; CHECK: load ptr addrspace(77), ptr %from
; CHECK: load i64
; CHECK: load ptr addrspace(77)
; CHECK-NOT: load
; CHECK: store ptr addrspace(77)
; CHECK: store i64
; CHECK: store ptr addrspace(77)
; CHECK: ret void
define void @overlap(ptr %from) {
  %to = alloca %pair
  call void @llvm.memmove.p0.p0.i64(ptr %to, ptr %from, i64 24, i1 false)
  ret void
}

; An element of an array of structures at an index that varies is a structure.
; CHECK-LABEL: define void @element(
; CHECK: load ptr addrspace(77), ptr %from
; CHECK: call void @llvm.memcpy{{.*}}, i64 8, i1 false)
; CHECK: store ptr addrspace(77)
define void @element(i64 %i, i64 %j) {
  %to = getelementptr %pair, ptr @rows, i64 %i
  %from = getelementptr [4 x %pair], ptr @rows, i64 0, i64 %j
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 24, i1 false)
  ret void
}

; Long arrays are copied by loops, backwards if they overlap so.
; CHECK-LABEL: define void @array(
; CHECK: [[UP:%.*]] = icmp ugt ptr %to, @table
; CHECK: br label %refs
; CHECK: refs:
; CHECK: select i1 [[UP]]
; CHECK: load ptr addrspace(77)
; CHECK: store ptr addrspace(77)
; CHECK: br i1 {{.*}}, label %refs.done, label %refs
define void @array() {
  %to = getelementptr i8, ptr @table, i64 8
  call void @llvm.memmove.p0.p0.i64(ptr %to, ptr @table, i64 792, i1 false)
  ret void
}

; So are those of a length that varies.
; CHECK-LABEL: define void @some(
; CHECK: [[COUNT:%.*]] = udiv i64 %n, 8
; CHECK: icmp ne i64 [[COUNT]], 0
; CHECK: refs:
; CHECK: load ptr addrspace(77), ptr {{.*}}, align 8
define void @some(ptr %from, i64 %n) {
  call void @llvm.memcpy.p0.p0.i64(ptr @table, ptr %from, i64 %n, i1 false)
  ret void
}

; CHECK-LABEL: define void @objects(
; CHECK-NEXT: %to = getelementptr i8, ptr addrspace(77) %p, i64 8
; CHECK-NEXT: [[FROM:%.*]] = addrspacecast ptr addrspace(77) %q to ptr
; CHECK-NEXT: call void @cairn.ref.copy.fields(ptr addrspace(77) %p, ptr addrspace(77) %to, ptr [[FROM]], i64 16)
; CHECK-NEXT: call void @cairn.ref.copy.fields(ptr addrspace(77) %p, ptr addrspace(77) %p, ptr %plain, i64 %n)
; CHECK-NEXT: [[N:%.*]] = zext i32 %m to i64
; CHECK-NEXT: call void @cairn.ref.read.fields(ptr addrspace(77) %q, ptr addrspace(77) %q, ptr %plain, i64 [[N]])
; CHECK-NEXT: ret void
define void @objects(ptr addrspace(77) %p, ptr addrspace(77) %q, ptr %plain, i64 %n, i32 %m) {
  %to = getelementptr i8, ptr addrspace(77) %p, i64 8
  call void @llvm.memcpy.p77.p77.i64(ptr addrspace(77) %to, ptr addrspace(77) %q, i64 16, i1 false)
  call void @llvm.memmove.p77.p0.i64(ptr addrspace(77) %p, ptr %plain, i64 %n, i1 false)
  call void @llvm.memcpy.p0.p77.i32(ptr %plain, ptr addrspace(77) %q, i32 %m, i1 false)
  ret void
}

; A plain pointer that was borrowed from a reference points into the object too.
; CHECK-LABEL: define void @borrowed(
; CHECK: call void @cairn.ref.copy.fields(ptr addrspace(77) %p, ptr addrspace(77) {{%.*}}, ptr %from, i64 8)
; CHECK: call void @cairn.ref.read.fields(ptr addrspace(77) %p, ptr addrspace(77) {{%.*}}, ptr %from, i64 8)
define void @borrowed(ptr addrspace(77) %p, ptr %from) {
  %b = call ptr @cairn.ref.borrow(ptr addrspace(77) %p)
  call void @llvm.memcpy.p0.p0.i64(ptr %b, ptr %from, i64 8, i1 false)
  %c = addrspacecast ptr addrspace(77) %p to ptr
  %d = getelementptr i8, ptr %c, i64 8
  call void @llvm.memcpy.p0.p0.i64(ptr %from, ptr %d, i64 8, i1 false)
  ret void
}

; The descriptor of an object that is made here says where its references are.
; CHECK-LABEL: define void @made(
; CHECK: call void @llvm.memcpy.p77.p0.i64(ptr addrspace(77) {{.*}}%p, ptr {{.*}}%from, i64 8, i1 false)
; CHECK: load ptr addrspace(77), ptr
; CHECK: store ptr addrspace(77)
; CHECK: %b = call
; CHECK-NEXT: call void @llvm.memcpy.p77.p0.i64(ptr addrspace(77) %b, ptr %from, i64 16, i1 false)
define void @made(ptr %from) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @second)
  call void @llvm.memcpy.p77.p0.i64(ptr addrspace(77) %p, ptr %from, i64 16, i1 false)
  %b = call ptr addrspace(77) @cairn.ref.alloc.bytes(i64 16)
  call void @llvm.memcpy.p77.p0.i64(ptr addrspace(77) %b, ptr %from, i64 16, i1 false)
  ret void
}

; LLVM writes a copy of one word as a load and store of an integer.
; CHECK-LABEL: define void @word(
; CHECK: [[V:%.*]] = load ptr addrspace(77), ptr %from
; CHECK-NEXT: store ptr addrspace(77) [[V]], ptr %to
define void @word(ptr %from) {
  %to = alloca { ptr addrspace(77) }
  %v = load i64, ptr %from
  store i64 %v, ptr %to
  ret void
}

; Or to a field, by the structure that the address goes through.
; CHECK-LABEL: define void @field(
; CHECK: [[V:%.*]] = load ptr addrspace(77), ptr %from
; CHECK-NEXT: store ptr addrspace(77) [[V]], ptr addrspace(77) %f
; CHECK-NEXT: store ptr addrspace(77) null, ptr addrspace(77) %f
define void @field(ptr addrspace(77) %p, ptr %from) {
  %f = getelementptr %pair, ptr addrspace(77) %p, i32 0, i32 2
  %v = load i64, ptr %from
  store i64 %v, ptr addrspace(77) %f
  store i64 0, ptr addrspace(77) %f
  ret void
}

; NEGATIVE: a copy of other parts of the variable stays.
; CHECK-LABEL: define void @between(
; CHECK: call void @llvm.memcpy.p0.p0.i64(ptr %n, ptr %from, i64 8, i1 false)
define void @between(ptr %from) {
  %to = alloca %pair
  %n = getelementptr i8, ptr %to, i64 8
  call void @llvm.memcpy.p0.p0.i64(ptr %n, ptr %from, i64 8, i1 false)
  ret void
}

; NEGATIVE: a copy between memory of which nothing is known stays: it has no references.
; CHECK-LABEL: define void @plain(
; CHECK-NEXT: call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 24, i1 false)
; CHECK-NEXT: call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr @bytes, i64 24, i1 false)
define void @plain(ptr %to, ptr %from, ptr addrspace(77) %p) {
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 24, i1 false)
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr @bytes, i64 24, i1 false)
  ret void
}

;--- volatile.ll
; CHECK: in function f {{.*}}cairn: a volatile copy or fill of memory with references; use assignments
define void @f(ptr addrspace(77) %p, ptr %from) {
  call void @llvm.memcpy.p77.p0.i64(ptr addrspace(77) %p, ptr %from, i64 8, i1 true)
  ret void
}

;--- inline.ll
; CHECK: in function f {{.*}}cairn: an atomic or inlined copy or fill of memory with references
define void @f(ptr addrspace(77) %p, ptr %from) {
  call void @llvm.memcpy.inline.p77.p0.i64(ptr addrspace(77) %p, ptr %from, i64 8, i1 false)
  ret void
}

;--- element.ll
; CHECK: in function f {{.*}}cairn: an atomic or inlined copy or fill of memory with references
define void @f(ptr addrspace(77) %p, ptr %from) {
  call void @llvm.memcpy.element.unordered.atomic.p77.p0.i64(ptr addrspace(77) align 8 %p, ptr align 8 %from, i64 8, i32 8)
  ret void
}

;--- part.ll
; CHECK: in function f {{.*}}cairn: a copy of a part of a reference; copy whole references
define void @f(ptr %from, ptr addrspace(77) %p) {
  %v = alloca { ptr addrspace(77), ptr addrspace(77) }
  call void @llvm.memcpy.p0.p0.i64(ptr %v, ptr %from, i64 12, i1 false)
  ret void
}

;--- unlike.ll
; CHECK: in function f {{.*}}cairn: a copy between memory that is declared to hold references and memory that is declared to hold something else there; declare both alike
define void @f() {
  %v = alloca { ptr addrspace(77), ptr addrspace(77) }
  %w = alloca { i64, i64 }
  call void @llvm.memcpy.p0.p0.i64(ptr %v, ptr %w, i64 16, i1 false)
  ret void
}

;--- length.ll
; CHECK: in function f {{.*}}cairn: a copy of references whose place in the variable or number is known at run time only
define void @f(ptr %from, i64 %n) {
  %v = alloca { ptr addrspace(77), i64 }
  call void @llvm.memcpy.p0.p0.i64(ptr %v, ptr %from, i64 %n, i1 false)
  ret void
}

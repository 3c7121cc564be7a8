; References on the stack whose address escapes are slots: null when the function starts, so that
; the first store finds nothing to release, and null again wherever the frame ends, so that what
; they hold last is released. `cairn.initialises` says that a store finds nothing.
; RUN: %opt -passes=cairn-slots,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%pair = type { ptr addrspace(77), i64, ptr addrspace(77) }

declare void @escape(ptr)
declare void @llvm.lifetime.start.p0(i64, ptr)
declare void @llvm.lifetime.end.p0(i64, ptr)
declare i64 @callee(i64)
declare void @other.work()
declare void @abort() noreturn

; Where its life ends, what it holds is released, so that an inlined function's slots do not live as
; long as its caller. The memory is there, and null, until the frame ends: the markers go.
; CHECK-LABEL: define void @structure(
; CHECK-NEXT: %v = alloca %pair
; CHECK-NEXT: store ptr addrspace(77) null, ptr %v, align 8, !cairn.initialises
; CHECK-NEXT: [[SECOND:%.*]] = getelementptr inbounds i8, ptr %v, i64 16
; CHECK-NEXT: store ptr addrspace(77) null, ptr [[SECOND]], align 8, !cairn.initialises
; CHECK-NEXT: call void @escape(ptr %v)
; CHECK-NEXT: store ptr addrspace(77) null, ptr %v, align 8{{$}}
; CHECK-NEXT: [[SECOND:%.*]] = getelementptr inbounds i8, ptr %v, i64 16
; CHECK-NEXT: store ptr addrspace(77) null, ptr [[SECOND]], align 8{{$}}
; CHECK-NEXT: call void @other.work()
; CHECK-NEXT: store ptr addrspace(77) null, ptr %v, align 8{{$}}
; CHECK-NEXT: [[SECOND:%.*]] = getelementptr inbounds i8, ptr %v, i64 16
; CHECK-NEXT: store ptr addrspace(77) null, ptr [[SECOND]], align 8{{$}}
; CHECK-NEXT: ret void
define void @structure() {
  %v = alloca %pair
  call void @llvm.lifetime.start.p0(i64 24, ptr %v)
  call void @escape(ptr %v)
  call void @llvm.lifetime.end.p0(i64 24, ptr %v)
  call void @other.work()
  ret void
}

; Several returns clear the slots in one place.
; CHECK-LABEL: define i64 @returns(
; CHECK: a:
; CHECK-NEXT: br label %end
; CHECK: b:
; CHECK-NEXT: br label %end
; CHECK: end:
; CHECK-NEXT: %end.value = phi i64 [ 1, %a ], [ 2, %b ]
; CHECK-NEXT: store ptr addrspace(77) null, ptr %v
; CHECK-NEXT: ret i64 %end.value
define i64 @returns(i1 %c) {
  %v = alloca ptr addrspace(77)
  call void @escape(ptr %v)
  br i1 %c, label %a, label %b
a:
  ret i64 1
b:
  ret i64 2
}

; A tail call that must be one ends the frame.
; CHECK-LABEL: define i64 @tail(
; CHECK: call void @escape(ptr %v)
; CHECK-NEXT: store ptr addrspace(77) null, ptr %v
; CHECK-NEXT: musttail call i64 @callee
; CHECK-NEXT: ret
define i64 @tail(i64 %k) {
  %v = alloca ptr addrspace(77)
  call void @escape(ptr %v)
  %r = musttail call i64 @callee(i64 %k)
  ret i64 %r
}

; Long arrays are cleared by loops.
; CHECK-LABEL: define void @array(
; CHECK: call void @llvm.memset.p0.i64(ptr align 16 %v, i8 0, i64 320, i1 false), !cairn.initialises
; CHECK: refs:
; CHECK: store ptr addrspace(77) null
; CHECK: store ptr addrspace(77) null
; CHECK: br i1 {{.*}}, label %refs.done, label %refs
; CHECK: ret void
define void @array() {
  %v = alloca [20 x { ptr addrspace(77), ptr addrspace(77) }], align 16
  call void @escape(ptr %v)
  ret void
}

; NEGATIVE: nothing is released where the frame does not end.
; CHECK-LABEL: define void @unreachable(
; CHECK: call void @abort()
; CHECK-NEXT: unreachable
define void @unreachable() {
  %v = alloca ptr addrspace(77)
  call void @escape(ptr %v)
  call void @abort()
  unreachable
}

; NEGATIVE: memory without references is left alone, with its markers.
; CHECK-LABEL: define ptr addrspace(77) @other(
; CHECK-NEXT: %v = alloca i64
; CHECK-NEXT: call void @llvm.lifetime.start
; CHECK-NEXT: call void @escape(ptr %v)
; CHECK-NEXT: ret ptr addrspace(77) %p
define ptr addrspace(77) @other(ptr addrspace(77) %p) {
  %v = alloca i64
  call void @llvm.lifetime.start.p0(i64 8, ptr %v)
  call void @escape(ptr %v)
  ret ptr addrspace(77) %p
}

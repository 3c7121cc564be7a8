; For aarch64, clang passes and returns a structure of two words as two integers. The variables say
; which of them are references. An array of one structure goes in the same registers as one of integers.
; RUN: %opt -load-pass-plugin=%plugin -passes=cairn-copies -S %s | FileCheck %s
; RUN: %opt -load-pass-plugin=%plugin -passes='cairn-import,cairn-insert,cairn-certify,cairn-lower' -S %s | FileCheck %s --check-prefix=LOWERED

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
%pair = type { ptr addrspace(77), ptr addrspace(77) }
%mixed = type { i32, ptr addrspace(77) }
%plain = type { i64, i64 }
@table = external global ptr

; CHECK: declare [2 x ptr addrspace(77)] @take([2 x ptr addrspace(77)])
; LOWERED: declare [2 x ptr] @take([2 x ptr])
declare [2 x i64] @take([2 x i64])

; CHECK-LABEL: define [2 x ptr addrspace(77)] @swap([2 x ptr addrspace(77)] %p.words)
; CHECK: store [2 x ptr addrspace(77)] %p.words, ptr %p
; CHECK: %passed = load [2 x ptr addrspace(77)], ptr %q
; CHECK: %got = call [2 x ptr addrspace(77)] @take([2 x ptr addrspace(77)] %passed)
; CHECK: ret [2 x ptr addrspace(77)] %returned
; LOWERED-LABEL: define [2 x ptr] @swap([2 x ptr] %p.words)
define [2 x i64] @swap([2 x i64] %p.words) {
  %result = alloca %pair, align 8
  %p = alloca %pair, align 8
  %q = alloca %pair, align 8
  store [2 x i64] %p.words, ptr %p, align 8
  %second = getelementptr inbounds %pair, ptr %p, i32 0, i32 1
  %a = load ptr addrspace(77), ptr %p, align 8
  %b = load ptr addrspace(77), ptr %second, align 8
  store ptr addrspace(77) %b, ptr %q, align 8
  %other = getelementptr inbounds %pair, ptr %q, i32 0, i32 1
  store ptr addrspace(77) %a, ptr %other, align 8
  %passed = load [2 x i64], ptr %q, align 8
  %got = call [2 x i64] @take([2 x i64] %passed)
  store [2 x i64] %got, ptr %result, align 8
  %returned = load [2 x i64], ptr %result, align 8
  ret [2 x i64] %returned
}

; A call through a pointer, of a structure with one reference.
; CHECK-LABEL: define void @indirect([1 x { i64, ptr addrspace(77) }] %m.words)
; CHECK: call [1 x { i64, ptr addrspace(77) }] %f([1 x { i64, ptr addrspace(77) }] %passed)
; LOWERED-LABEL: define void @indirect([1 x { i64, ptr }] %m.words)
define void @indirect([2 x i64] %m.words) {
  %m = alloca %mixed, align 8
  %r = alloca %mixed, align 8
  store [2 x i64] %m.words, ptr %m, align 8
  %f = load ptr, ptr @table, align 8
  %passed = load [2 x i64], ptr %m, align 8
  %got = call [2 x i64] %f([2 x i64] %passed)
  store [2 x i64] %got, ptr %r, align 8
  ret void
}

; Negative: two integers.
; CHECK-LABEL: define [2 x i64] @numbers([2 x i64] %n.words)
define [2 x i64] @numbers([2 x i64] %n.words) {
  %n = alloca %plain, align 8
  store [2 x i64] %n.words, ptr %n, align 8
  %returned = load [2 x i64], ptr %n, align 8
  ret [2 x i64] %returned
}

; For aarch64, clang passes and returns a structure of one word as an integer. Where it is a reference, it becomes
; one again: the address that clang computes, and what it does not say of the integer (noundef), tell it from a
; number.
; RUN: %opt -load-pass-plugin=%plugin -passes=cairn-copies -S %s | FileCheck %s
; RUN: %opt -load-pass-plugin=%plugin -passes='cairn-import,cairn-insert,cairn-certify,cairn-lower' -S %s | FileCheck %s --check-prefix=LOWERED

target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
%one = type { ptr addrspace(77) }
%array = type { [1 x ptr addrspace(77)] }
%plain = type { i64 }

; CHECK: declare ptr addrspace(77) @take(ptr addrspace(77), i64 noundef)
; LOWERED: declare ptr @take(ptr, i64 noundef)
declare i64 @take(i64, i64 noundef)

; CHECK-LABEL: define ptr addrspace(77) @passes(ptr addrspace(77) %o.word, ptr %f)
; CHECK: store ptr addrspace(77) %o.word, ptr %in
; CHECK: %got = call ptr addrspace(77) @take(ptr addrspace(77) %passed, i64 noundef 3)
; CHECK: store ptr addrspace(77) %got, ptr %to
; CHECK: %more = call ptr addrspace(77) %f(ptr addrspace(77) %again)
; CHECK: ret ptr addrspace(77) %returned
; LOWERED-LABEL: define ptr @passes(ptr %o.word, ptr %f)
define i64 @passes(i64 %o.word, ptr %f) {
  %result = alloca %one, align 8
  %o = alloca %one, align 8
  %got.in = alloca %one, align 8
  %in = getelementptr inbounds %one, ptr %o, i32 0, i32 0
  %o.ref = inttoptr i64 %o.word to ptr addrspace(77)
  store ptr addrspace(77) %o.ref, ptr %in, align 8
  %from = getelementptr inbounds %one, ptr %o, i32 0, i32 0
  %passed = load ptr addrspace(77), ptr %from, align 8
  %passed.word = ptrtoint ptr addrspace(77) %passed to i64
  %got = call i64 @take(i64 %passed.word, i64 noundef 3)
  %to = getelementptr inbounds %one, ptr %got.in, i32 0, i32 0
  %got.ref = inttoptr i64 %got to ptr addrspace(77)
  store ptr addrspace(77) %got.ref, ptr %to, align 8
  %from.got = getelementptr inbounds %one, ptr %got.in, i32 0, i32 0
  %again = load ptr addrspace(77), ptr %from.got, align 8
  %again.word = ptrtoint ptr addrspace(77) %again to i64
  %more = call i64 %f(i64 %again.word)
  %to.result = getelementptr inbounds %one, ptr %result, i32 0, i32 0
  %more.ref = inttoptr i64 %more to ptr addrspace(77)
  store ptr addrspace(77) %more.ref, ptr %to.result, align 8
  %from.result = getelementptr inbounds %one, ptr %result, i32 0, i32 0
  %returned = load ptr addrspace(77), ptr %from.result, align 8
  %returned.word = ptrtoint ptr addrspace(77) %returned to i64
  ret i64 %returned.word
}

; A structure of an array is copied as an integer.
; CHECK-LABEL: define void @array(ptr addrspace(77) %a.word)
; CHECK: store ptr addrspace(77) %a.word, ptr %in
; CHECK: call void @array(ptr addrspace(77) %passed)
define void @array(i64 %a.word) {
  %a = alloca %array, align 8
  %in = getelementptr inbounds %array, ptr %a, i32 0, i32 0
  store i64 %a.word, ptr %in, align 8
  %from = getelementptr inbounds %array, ptr %a, i32 0, i32 0
  %passed = load i64, ptr %from, align 8
  call void @array(i64 %passed)
  ret void
}

; Negative: a structure of a number.
; CHECK-LABEL: define i64 @number(i64 %n.word)
define i64 @number(i64 %n.word) {
  %n = alloca %plain, align 8
  %in = getelementptr inbounds %plain, ptr %n, i32 0, i32 0
  store i64 %n.word, ptr %in, align 8
  %from = getelementptr inbounds %plain, ptr %n, i32 0, i32 0
  %returned = load i64, ptr %from, align 8
  ret i64 %returned
}

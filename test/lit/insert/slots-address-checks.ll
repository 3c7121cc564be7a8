; UBSan tests whether the address of a variable is aligned. The variable says that it is, so the test and
; the report go, and what the variable holds is in registers: it is released after its last use, as without
; UBSan.
; RUN: %opt -passes=cairn-slots,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%pair = type { ptr addrspace(77), ptr addrspace(77) }

declare void @report(ptr, i64) noreturn
declare void @use(ptr addrspace(77))
@place = global i32 0

; CHECK-LABEL: define ptr addrspace(77) @aligned(
; CHECK-NEXT: start:
; CHECK-NEXT: br label %go
; CHECK: go:
; CHECK-NEXT: ret ptr addrspace(77) %q
define ptr addrspace(77) @aligned(ptr addrspace(77) %p, ptr addrspace(77) %q) noinline optnone {
start:
  %v = alloca %pair, align 8
  store ptr addrspace(77) %p, ptr %v
  %second = getelementptr inbounds %pair, ptr %v, i32 0, i32 1
  store ptr addrspace(77) %q, ptr %second
  %number = ptrtoint ptr %second to i64, !nosanitize !0
  %low = and i64 %number, 7, !nosanitize !0
  %fine = icmp eq i64 %low, 0, !nosanitize !0
  br i1 %fine, label %go, label %bad, !nosanitize !0
bad:
  call void @report(ptr @place, i64 %number) noreturn, !nosanitize !0
  unreachable, !nosanitize !0
go:
  %r = load ptr addrspace(77), ptr %second
  ret ptr addrspace(77) %r
}

; A recovering report goes on, and several tests may be one branch.
; CHECK-LABEL: define ptr addrspace(77) @goes_on(
; CHECK-NOT: alloca
; CHECK-NOT: @report
; CHECK: ret ptr addrspace(77) %q
define ptr addrspace(77) @goes_on(ptr addrspace(77) %p, ptr addrspace(77) %q) {
  %v = alloca %pair, align 8
  store ptr addrspace(77) %p, ptr %v
  %second = getelementptr inbounds %pair, ptr %v, i32 0, i32 1
  store ptr addrspace(77) %q, ptr %second
  %there = icmp ne ptr %second, null
  %number = ptrtoint ptr %second to i64
  %low = and i64 %number, 7
  %fine = icmp eq i64 %low, 0
  %both = and i1 %there, %fine
  br i1 %both, label %go, label %bad
bad:
  call void @report(ptr @place, i64 %number)
  br label %go
go:
  %r = load ptr addrspace(77), ptr %second
  ret ptr addrspace(77) %r
}

; The optimising levels test the size as well.
; CHECK-LABEL: define ptr addrspace(77) @large_enough(
; CHECK-NOT: alloca
; CHECK: ret ptr addrspace(77) %q
define ptr addrspace(77) @large_enough(ptr addrspace(77) %q) {
  %v = alloca %pair, align 8
  %second = getelementptr inbounds %pair, ptr %v, i32 0, i32 1
  store ptr addrspace(77) %q, ptr %second
  %size = call i64 @llvm.objectsize.i64.p0(ptr %second, i1 false, i1 false, i1 false)
  %fine = icmp uge i64 %size, 8
  br i1 %fine, label %go, label %bad
bad:
  %number = ptrtoint ptr %second to i64
  call void @report(ptr @place, i64 %number)
  unreachable
go:
  %r = load ptr addrspace(77), ptr %second
  ret ptr addrspace(77) %r
}

; What the type does not say is tested, and the variable is a slot.
; CHECK-LABEL: define void @unknown(
; CHECK: alloca %pair
; CHECK: icmp eq i64 %low, 0
define void @unknown(ptr addrspace(77) %p) {
  %v = alloca %pair, align 8
  store ptr addrspace(77) %p, ptr %v
  %number = ptrtoint ptr %v to i64
  %low = and i64 %number, 4095
  %fine = icmp eq i64 %low, 0
  br i1 %fine, label %go, label %bad
bad:
  call void @report(ptr @place, i64 %number)
  br label %go
go:
  %r = load ptr addrspace(77), ptr %v
  call void @use(ptr addrspace(77) %r)
  ret void
}

!0 = !{}

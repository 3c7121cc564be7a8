; An incref and a decref of one object with nothing between that could release it undo each other.
; RUN: %opt -passes='cairn-pairs,verify' -pass-remarks=cairn-pairs -S %s 2>&1 | FileCheck %s

; CHECK: remark: {{.*}}removed a retain and a release of p: nothing between the two can release it

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @unknown()
declare i64 @read(ptr) memory(read) nounwind

; CHECK-LABEL: @copy(
; CHECK-NEXT: %v = load i64, ptr %p
; CHECK-NEXT: ret i64 %v
define i64 @copy(ptr %p) {
  call void @cairn.incref(ptr %p)
  %v = load i64, ptr %p
  call void @cairn.decref(ptr %p)
  ret i64 %v
}

; Managed references, too; and a call that only reads.
; CHECK-LABEL: @managed(
; CHECK-NEXT: %v = call i64 @read(ptr %p)
; CHECK-NEXT: ret i64 %v
define i64 @managed(ptr addrspace(77) %r, ptr %p) {
  call void @cairn.ref.incref(ptr addrspace(77) %r)
  %v = call i64 @read(ptr %p)
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  ret i64 %v
}

; A decref that has its incref is no release, so others may lie around it.
; CHECK-LABEL: @nested(
; CHECK-NEXT: ret void
define void @nested(ptr %p, ptr %q) {
  call void @cairn.incref(ptr %p)
  call void @cairn.incref(ptr %q)
  call void @cairn.decref(ptr %p)
  call void @cairn.decref(ptr %q)
  ret void
}

; Negative: the release of another object may be the one that kept p.
; CHECK-LABEL: @other(
; CHECK-NEXT: call void @cairn.incref(ptr %p)
; CHECK-NEXT: call void @cairn.decref(ptr %q)
; CHECK-NEXT: %v = load
; CHECK-NEXT: call void @cairn.decref(ptr %p)
define i64 @other(ptr %p, ptr %q) {
  call void @cairn.incref(ptr %p)
  call void @cairn.decref(ptr %q)
  %v = load i64, ptr %p
  call void @cairn.decref(ptr %p)
  ret i64 %v
}

; Negative: a call may release it, or let another thread do so.
; CHECK-LABEL: @called(
; CHECK-NEXT: call void @cairn.incref(ptr %p)
; CHECK-NEXT: call void @unknown()
; CHECK-NEXT: call void @cairn.decref(ptr %p)
define void @called(ptr %p) {
  call void @cairn.incref(ptr %p)
  call void @unknown()
  call void @cairn.decref(ptr %p)
  ret void
}

; Negative: so may a release of a lock.
; CHECK-LABEL: @unlocked(
; CHECK-NEXT: call void @cairn.incref(ptr %p)
; CHECK-NEXT: store atomic
; CHECK-NEXT: call void @cairn.decref(ptr %p)
define void @unlocked(ptr %p, ptr %lock) {
  call void @cairn.incref(ptr %p)
  store atomic i32 0, ptr %lock release, align 4
  call void @cairn.decref(ptr %p)
  ret void
}

; Negative: the count is looked at.
; CHECK-LABEL: @tested(
; CHECK-NEXT: call void @cairn.incref(ptr %p)
; CHECK-NEXT: %u = call i1 @cairn.is.unique(ptr %p)
; CHECK-NEXT: call void @cairn.decref(ptr %p)
define i1 @tested(ptr %p) {
  call void @cairn.incref(ptr %p)
  %u = call i1 @cairn.is.unique(ptr %p)
  call void @cairn.decref(ptr %p)
  ret i1 %u
}

; Negative: the release comes first.
; CHECK-LABEL: @reversed(
; CHECK-NEXT: call void @cairn.decref(ptr %p)
; CHECK-NEXT: call void @cairn.incref(ptr %p)
define void @reversed(ptr %p) {
  call void @cairn.decref(ptr %p)
  call void @cairn.incref(ptr %p)
  ret void
}

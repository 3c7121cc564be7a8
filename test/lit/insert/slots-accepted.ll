; What looks like something that is refused (slots-refused.ll), and has a meaning.
; RUN: split-file %s %t
; RUN: %opt -passes=cairn-slots,verify -S %t/forms.ll | FileCheck %t/forms.ll
; RUN: %opt -passes=cairn-slots,verify -S %t/immediates.ll | FileCheck %t/immediates.ll

;--- forms.ll
declare i32 @setjmp(ptr) returns_twice
declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare void @known(ptr addrspace(77) nocapture)

; Addresses as numbers that are compared and computed with.
; CHECK-LABEL: define i1 @numbers(
; CHECK-NEXT: %i = ptrtoint
define i1 @numbers(ptr addrspace(77) %p, ptr addrspace(77) %q) {
  %i = ptrtoint ptr addrspace(77) %p to i64
  %j = ptrtoint ptr addrspace(77) %q to i64
  %d = sub i64 %i, %j
  %c = icmp ult i64 %d, 16
  ret i1 %c
}

; CHECK-LABEL: define i64 @variable(
; CHECK: store i64 %i, ptr %v
define i64 @variable(ptr addrspace(77) %p) {
  %v = alloca i64
  %i = ptrtoint ptr addrspace(77) %p to i64
  store i64 %i, ptr %v
  %n = load i64, ptr %v
  %h = lshr i64 %n, 4
  ret i64 %h
}

; Integers in objects, atomic ones too.
; CHECK-LABEL: define i64 @counter(
; CHECK: atomicrmw add ptr addrspace(77) %f, i64 1 seq_cst
define i64 @counter(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %v = atomicrmw add ptr addrspace(77) %f, i64 1 seq_cst
  ret i64 %v
}

; CHECK-LABEL: define void @asm(
; CHECK: call void asm sideeffect "", "r"(ptr %b)
define void @asm(ptr addrspace(77) %p) {
  %b = call ptr @cairn.ref.borrow(ptr addrspace(77) %p)
  call void asm sideeffect "", "r"(ptr %b)
  ret void
}

; CHECK-LABEL: define internal void @swap(
; CHECK: store ptr addrspace(77) %y, ptr addrspace(77) %a
define internal void @swap(ptr addrspace(77) %a, ptr addrspace(77) %b) {
  %x = load ptr addrspace(77), ptr addrspace(77) %a
  %y = load ptr addrspace(77), ptr addrspace(77) %b
  store ptr addrspace(77) %y, ptr addrspace(77) %a
  store ptr addrspace(77) %x, ptr addrspace(77) %b
  ret void
}

; Walks over elements from the pointer that it is given, and calls itself.
; CHECK-LABEL: define internal i64 @sum(
; CHECK: getelementptr i8, ptr addrspace(77) %at
define internal i64 @sum(ptr addrspace(77) %at, i64 %n) {
entry:
  br label %loop
loop:
  %p = phi ptr addrspace(77) [ %at, %entry ], [ %next, %loop ]
  %k = phi i64 [ %n, %entry ], [ %less, %loop ]
  %v = load i64, ptr addrspace(77) %p
  %next = getelementptr i64, ptr addrspace(77) %p, i64 1
  %less = sub i64 %k, 1
  %done = icmp eq i64 %less, 0
  br i1 %done, label %exit, label %loop
exit:
  %more = call i64 @sum(ptr addrspace(77) %next, i64 %v)
  ret i64 %more
}

; Interior pointers for functions that only access through them, or promise to keep nothing.
; CHECK-LABEL: define i64 @interior(
; CHECK: call void @swap(ptr addrspace(77) %f, ptr addrspace(77) %g)
; CHECK: call void @known(ptr addrspace(77) %f)
; CHECK: addrspacecast ptr addrspace(77) %f to ptr
define i64 @interior(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %g = getelementptr i8, ptr addrspace(77) %p, i64 16
  call void @swap(ptr addrspace(77) %f, ptr addrspace(77) %g)
  call void @known(ptr addrspace(77) %f)
  %c = addrspacecast ptr addrspace(77) %f to ptr
  %v = load i64, ptr %c
  %s = call i64 @sum(ptr addrspace(77) %f, i64 %v)
  ret i64 %s
}

; No references here.
; CHECK-LABEL: define i32 @jumps(
; CHECK: call i32 @setjmp
define i32 @jumps(ptr %b) {
  %v = call i32 @setjmp(ptr %b)
  ret i32 %v
}

; A variable of an unwritten size that holds none.
; CHECK-LABEL: define i64 @dynamic(
; CHECK: alloca i64, i64 %n
define i64 @dynamic(i64 %n, ptr addrspace(77) %p) {
  %v = alloca i64, i64 %n
  %i = load i64, ptr %v
  ret i64 %i
}

;--- immediates.ll
; CHECK-LABEL: define ptr addrspace(77) @number(
; CHECK: inttoptr i64 %odd to ptr addrspace(77)
define ptr addrspace(77) @number(i64 %n, ptr addrspace(77) %p) {
  %twice = shl i64 %n, 1
  %odd = or i64 %twice, 1
  %r = inttoptr i64 %odd to ptr addrspace(77)
  ret ptr addrspace(77) %r
}
; CHECK-LABEL: define ptr addrspace(77) @seven(
; CHECK: ret ptr addrspace(77) inttoptr (i64 7 to ptr addrspace(77))
define ptr addrspace(77) @seven() {
  ret ptr addrspace(77) inttoptr (i64 7 to ptr addrspace(77))
}
; CHECK-LABEL: define i64 @value(
; CHECK: ptrtoint
define i64 @value(ptr addrspace(77) %p) {
  %i = ptrtoint ptr addrspace(77) %p to i64
  ret i64 %i
}
!llvm.module.flags = !{!0}
!0 = !{i32 1, !"cairn-immediates", i32 1}

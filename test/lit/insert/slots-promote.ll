; A variable of references whose address does not escape is a register at every level, in optnone
; functions too: what it holds can be released after its last use, not at the function's end.
; RUN: %opt -passes=cairn-slots,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%pair = type { ptr addrspace(77), i64, ptr addrspace(77) }

declare void @use(ptr addrspace(77))
declare void @escape(ptr)

; CHECK-LABEL: define ptr addrspace(77) @scalar(
; CHECK-NEXT: call void @use(ptr addrspace(77) %p)
; CHECK-NEXT: ret ptr addrspace(77) %q
define ptr addrspace(77) @scalar(ptr addrspace(77) %p, ptr addrspace(77) %q) noinline optnone {
  %v = alloca ptr addrspace(77)
  store ptr addrspace(77) %p, ptr %v
  %a = load ptr addrspace(77), ptr %v
  call void @use(ptr addrspace(77) %a)
  store ptr addrspace(77) %q, ptr %v
  %b = load ptr addrspace(77), ptr %v
  ret ptr addrspace(77) %b
}

; The number between the references stays in memory, which has no references then.
; CHECK-LABEL: define i64 @parts(
; CHECK-NEXT: %v = alloca [24 x i8], align 8
; CHECK-NEXT: %n = getelementptr inbounds %pair, ptr %v, i32 0, i32 1
; CHECK-NEXT: store i64 %k, ptr %n
; CHECK-NEXT: call void @use(ptr addrspace(77) %p)
; CHECK-NEXT: %m = load i64, ptr %n
; CHECK-NEXT: ret i64 %m
define i64 @parts(ptr addrspace(77) %p, i64 %k) {
  %v = alloca %pair
  %n = getelementptr inbounds %pair, ptr %v, i32 0, i32 1
  store i64 %k, ptr %n
  %second = getelementptr inbounds %pair, ptr %v, i32 0, i32 2
  store ptr addrspace(77) %p, ptr %second
  %a = load ptr addrspace(77), ptr %second
  call void @use(ptr addrspace(77) %a)
  %m = load i64, ptr %n
  ret i64 %m
}

; What is read before it is written is null, on every path.
; CHECK-LABEL: define ptr addrspace(77) @unwritten(
; LLVM 19 takes the value of the other path by itself, which is as good.
; CHECK: {{phi ptr addrspace\(77\) \[ %p, %set \], \[ null, %entry \]|ret ptr addrspace\(77\) %p}}
define ptr addrspace(77) @unwritten(ptr addrspace(77) %p, i1 %c) {
entry:
  %v = alloca ptr addrspace(77)
  br i1 %c, label %set, label %done
set:
  store ptr addrspace(77) %p, ptr %v
  br label %done
done:
  %a = load ptr addrspace(77), ptr %v
  ret ptr addrspace(77) %a
}

; Bytes that hold nothing but a reference are as good as a variable of one.
; CHECK-LABEL: define ptr addrspace(77) @bytes(
; CHECK-NEXT: ret ptr addrspace(77) %p
define ptr addrspace(77) @bytes(ptr addrspace(77) %p) {
  %v = alloca [16 x i8], align 8
  %at = getelementptr i8, ptr %v, i64 8
  store ptr addrspace(77) %p, ptr %at
  %a = load ptr addrspace(77), ptr %at
  ret ptr addrspace(77) %a
}

; NEGATIVE: a variable whose address escapes stays.
; CHECK-LABEL: define void @escapes(
; CHECK: %v = alloca ptr addrspace(77)
; CHECK: store ptr addrspace(77) %p, ptr %v
; CHECK: call void @escape(ptr %v)
define void @escapes(ptr addrspace(77) %p) {
  %v = alloca ptr addrspace(77)
  store ptr addrspace(77) %p, ptr %v
  call void @escape(ptr %v)
  ret void
}

; NEGATIVE: so does one that has no references, even if it could be a register.
; CHECK-LABEL: define i64 @number(
; CHECK-NEXT: %v = alloca i64
; CHECK-NEXT: store i64 %k, ptr %v
define i64 @number(i64 %k, ptr addrspace(77) %p) {
  %v = alloca i64
  store i64 %k, ptr %v
  %a = load i64, ptr %v
  ret i64 %a
}

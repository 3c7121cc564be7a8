; What LLVM may and may not do around the intrinsics, at -O2, seen before lowering.
; RUN: %opt -passes="cairn-import,function(early-cse<memssa>,gvn,sink,instcombine,dse)" -S %s | FileCheck %s
; RUN: %opt -passes="default<O2>" -S %s | FileCheck %s --check-prefix=O2

target triple = "x86_64-unknown-linux-gnu"

declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)
declare ptr @cairn.malloc(i64)
declare ptr @cairn.alloc(ptr)
declare void @cairn.free(ptr)
declare void @cairn.share(ptr)

; A payload load is forwarded across an incref: counts are not the program's memory.
; CHECK-LABEL: define i64 @forward(
; CHECK: load i64
; CHECK-NOT: load i64
; CHECK: ret
; O2-LABEL: define {{.*}}@forward(
; O2: load i64
; O2-NOT: load i64
; O2: ret
define i64 @forward(ptr %p, ptr %q) {
  %a = load i64, ptr %p
  call void @cairn.incref(ptr %q)
  %b = load i64, ptr %p
  %s = add i64 %a, %b
  ret i64 %s
}

; Negative: no load of a child sinks below the decref that may end it.
; CHECK-LABEL: define i64 @child(
; CHECK: load ptr, ptr %p
; CHECK: load i64, ptr %c
; CHECK: call void @cairn.decref(ptr {{(nonnull )?}}%p)
; CHECK-NOT: load
; CHECK: ret
; O2-LABEL: define {{.*}}@child(
; O2: %c = load ptr, ptr %p
; O2: %x = load i64, ptr %c
; O2: @cairn_rt_decref
define i64 @child(ptr %p, i1 %k) {
  %c = load ptr, ptr %p
  %x = load i64, ptr %c
  call void @cairn.decref(ptr %p)
  br i1 %k, label %yes, label %no
yes:
  ret i64 %x
no:
  ret i64 0
}

; Negative: nor is one forwarded past it: a finaliser may have written.
; CHECK-LABEL: define i64 @after(
; CHECK: load i64, ptr %q
; CHECK: call void @cairn.decref(ptr {{(nonnull )?}}%p)
; CHECK: load i64, ptr %q
define i64 @after(ptr %p, ptr %q) {
  %a = load i64, ptr %q
  call void @cairn.decref(ptr %p)
  %b = load i64, ptr %q
  %s = add i64 %a, %b
  ret i64 %s
}

; Negative: what other owners did is visible after is.unique, not before.
; CHECK-LABEL: define i64 @unique(
; CHECK: call i1 @cairn.is.unique(ptr {{(nonnull )?}}%p)
; CHECK: load i64, ptr %p
define i64 @unique(ptr %p) {
  %a = load i64, ptr %p
  %u = call i1 @cairn.is.unique(ptr %p)
  %b = load i64, ptr %p
  %s = add i64 %a, %b
  ret i64 %s
}

; Negative: a field is stored before share walks it.
; CHECK-LABEL: define void @share(
; CHECK: store ptr %c, ptr %p
; CHECK: call void @cairn.share(ptr {{(nonnull )?}}%p)
; CHECK: store ptr null, ptr %p
define void @share(ptr %p, ptr %c) {
  store ptr %c, ptr %p
  call void @cairn.share(ptr %p)
  store ptr null, ptr %p
  ret void
}

; malloc and free are a family that LLVM knows: the pair goes.
; CHECK-LABEL: define void @pair(
; CHECK-NEXT: ret void
define void @pair() {
  %p = call ptr @cairn.malloc(i64 48)
  store i64 1, ptr %p
  call void @cairn.free(ptr %p)
  ret void
}

; Negative: a new typed object's loads are not undefined, its fields are null.
; CHECK-LABEL: define ptr @fresh(
; CHECK: load ptr, ptr %p
define ptr @fresh(ptr %t) {
  %p = call ptr @cairn.alloc(ptr %t)
  %c = load ptr, ptr %p
  ret ptr %c
}

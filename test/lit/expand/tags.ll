; A tag given at the allocation is in the header store; read and set it is a word.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@leaf = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

declare ptr @cairn.alloc.tagged(ptr, i8)
declare i8 @cairn.tag(ptr)
declare void @cairn.set.tag(ptr, i8)

; 0x82ff0000, count 1, in one store.
; CHECK-LABEL: define ptr @constant(
; CHECK: store i64 -9007480729717702655, ptr
; CHECK-NOT: store
define ptr @constant() {
  %p = call ptr @cairn.alloc.tagged(ptr @leaf, i8 -1)
  ret ptr %p
}

; CHECK-LABEL: define ptr @variable(
; CHECK: zext i8 %tag to i64
; CHECK: store i64
; CHECK-NOT: store
; CHECK: ret
define ptr @variable(i8 %tag) {
  %p = call ptr @cairn.alloc.tagged(ptr @leaf, i8 %tag)
  ret ptr %p
}

; CHECK-LABEL: define i8 @read(
; CHECK: getelementptr inbounds i8, ptr %p, i64 -4
; CHECK: load i32
define i8 @read(ptr %p) {
  %t = call i8 @cairn.tag(ptr %p)
  ret i8 %t
}

; CHECK-LABEL: define void @set(
; CHECK: and i32 {{%.*}}, -16711681
; CHECK: store i32
define void @set(ptr %p, i8 %t) {
  call void @cairn.set.tag(ptr %p, i8 %t)
  ret void
}

; The passes declare the intrinsics that they call by their names. Where the module has something
; else of such a name, they would call that. So it is refused: a function of a managed intrinsic's
; name with any type, another of an intrinsic's name with a type that is not its own, and what is no
; function. A fuzz target found this (docs/testing.md).
; RUN: split-file %s %t
; RUN: not %opt -passes='cairn-import,cairn-managed<O2>,cairn-lower<O2>' -S %t/managed.ll -o %t/out.ll 2>&1 | FileCheck --check-prefix=MANAGED %s
; RUN: not %opt -passes='cairn-import,cairn-managed<O2>,cairn-lower<O2>' -S %t/same.ll -o %t/out.ll 2>&1 | FileCheck --check-prefix=SAME %s
; RUN: not %opt -passes='cairn-import,cairn-lower<O2>' -S %t/plain.ll -o %t/out.ll 2>&1 | FileCheck --check-prefix=PLAIN %s
; RUN: not %opt -passes='cairn-import,cairn-lower<O2>' -S %t/fast.ll -o %t/out.ll 2>&1 | FileCheck --check-prefix=FAST %s
; RUN: not %opt -passes='cairn-import,cairn-lower<O2>' -S %t/variable.ll -o %t/out.ll 2>&1 | FileCheck --check-prefix=VARIABLE %s
; RUN: not %opt -passes='cairn-import,cairn-lower<O2>' -S %t/alias.ll -o %t/out.ll 2>&1 | FileCheck --check-prefix=ALIAS %s
; RUN: %opt -passes='cairn-import,cairn-lower<O2>' -S %t/right.ll | FileCheck --check-prefix=RIGHT %s

;--- managed.ll
; MANAGED: error: cairn: 'cairn.ref.decref' is an intrinsic's name, and a function is defined by it here
; MANAGED-NOT: Incorrect number of arguments
target triple = "x86_64-unknown-linux-gnu"
declare void @escape(ptr)
define void @cairn.ref.decref() {
  ret void
}
define void @user() {
  %v = alloca ptr addrspace(77)
  call void @escape(ptr %v)
  ret void
}

;--- same.ll
; SAME: error: cairn: 'cairn.ref.incref' is an intrinsic's name, and a function is defined by it here
target triple = "x86_64-unknown-linux-gnu"
define void @cairn.ref.incref(ptr addrspace(77) %r) {
  ret void
}

;--- plain.ll
; PLAIN: error: cairn: 'cairn.malloc' is defined as ptr (i32), its signature is ptr (i64)
target triple = "x86_64-unknown-linux-gnu"
define ptr @cairn.malloc(i32 %n) {
  ret ptr null
}

;--- fast.ll
; FAST: error: cairn: 'cairn.free' is defined with calling convention 8, it has the C calling convention
target triple = "x86_64-unknown-linux-gnu"
define fastcc void @cairn.free(ptr %p) {
  ret void
}

;--- variable.ll
; VARIABLE: error: cairn: 'cairn.incref' is an intrinsic's name, and something that is no function is defined by it here
target triple = "x86_64-unknown-linux-gnu"
@cairn.incref = global i32 0

;--- alias.ll
; ALIAS: error: cairn: 'cairn.ref.share' is an intrinsic's name, and something that is no function is defined by it here
target triple = "x86_64-unknown-linux-gnu"
@cairn.ref.share = alias void (), ptr @f
define void @f() {
  ret void
}

; Negative: the runtime's own definitions have the right type.
;--- right.ll
; RIGHT: define ptr @cairn.malloc(i64 %n)
target triple = "x86_64-unknown-linux-gnu"
define ptr @cairn.malloc(i64 %n) {
  ret ptr null
}

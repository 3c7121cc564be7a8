; Before the program runs, a global reference can only be null or a static object.
; RUN: split-file %s %t
; RUN: %opt -passes=cairn-slots,verify -S %t/good.ll | FileCheck %t/good.ll
; RUN: %opt -passes=cairn-slots,verify -S %t/immediate.ll
; RUN: not %opt -passes=cairn-slots -S %t/integer.ll 2>&1 | FileCheck %t/integer.ll
; RUN: not %opt -passes=cairn-slots -S %t/even.ll 2>&1 | FileCheck %t/even.ll
; RUN: not %opt -passes=cairn-slots -S %t/function.ll 2>&1 | FileCheck %t/function.ll
; RUN: not %opt -passes=cairn-slots -S %t/space.ll 2>&1 | FileCheck %t/space.ll
; RUN: not %opt -passes=cairn-slots -S %t/other.ll 2>&1 | FileCheck %t/other.ll

;--- good.ll
@static = internal global { i32, i32, i64 } { i32 -1610612736, i32 -2147483648, i64 7 }
@null = global ptr addrspace(77) null
@tls = thread_local global [4 x ptr addrspace(77)] zeroinitializer
@set = global { i64, ptr addrspace(77) } { i64 1, ptr addrspace(77) addrspacecast (ptr getelementptr (i8, ptr @static, i64 8) to ptr addrspace(77)) }
@elsewhere = external global ptr addrspace(77)
; Loads and stores of globals are slots already.
; CHECK-LABEL: define ptr addrspace(77) @f(
; CHECK-NEXT: %old = load ptr addrspace(77), ptr @null
; CHECK-NEXT: store ptr addrspace(77) %p, ptr @null
; CHECK-NEXT: ret ptr addrspace(77) %old
define ptr addrspace(77) @f(ptr addrspace(77) %p) {
  %old = load ptr addrspace(77), ptr @null
  store ptr addrspace(77) %p, ptr @null
  ret ptr addrspace(77) %old
}

;--- immediate.ll
@g = global ptr addrspace(77) inttoptr (i64 7 to ptr addrspace(77))
!llvm.module.flags = !{!0}
!0 = !{i32 1, !"cairn-immediates", i32 1}

;--- integer.ll
; CHECK: error: cairn: 'g' starts with a reference that is an integer; only null and the addresses of static objects are known before the program runs, in module
@g = global [2 x ptr addrspace(77)] [ptr addrspace(77) null, ptr addrspace(77) inttoptr (i64 7 to ptr addrspace(77))]

;--- even.ll
; CHECK: error: cairn: 'g' starts with a reference that is an integer
@g = global ptr addrspace(77) inttoptr (i64 8 to ptr addrspace(77))
!llvm.module.flags = !{!0}
!0 = !{i32 1, !"cairn-immediates", i32 1}

;--- function.ll
; CHECK: error: cairn: 'g' starts with a reference that is the address of a function
declare void @f()
@g = global ptr addrspace(77) addrspacecast (ptr @f to ptr addrspace(77))

;--- space.ll
; CHECK: error: cairn: 'g' is a global in the space of references: it has no header
@g = addrspace(77) global i64 0

;--- other.ll
; CHECK: error: cairn: 'g' holds references in address space 3; only globals in address space 0 can
@g = addrspace(3) global ptr addrspace(77) null

; Frontends write triples without a machine and layouts that lack what LLVM added later:
; such a module is taken where its layout agrees in what the fast paths rest on. A layout
; that does not is an error that names the difference.
; REQUIRES: x86-64
; RUN: split-file %s %t
; RUN: sed 's/TRIPLE/x86_64-unknown-linux-gnu/;s/LAYOUT/e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128/' %t/m.ll | %opt -passes="default<O2>" -S | FileCheck %s
; RUN: sed 's/TRIPLE/unknown-unknown-unknown/;s/LAYOUT/e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128/' %t/m.ll | %opt -passes="default<O2>" -S 2>&1 | FileCheck %s
; RUN: sed 's/TRIPLE/unknown-unknown-unknown/;s/LAYOUT//' %t/m.ll | %opt -passes="default<O2>" -S | FileCheck %s
; RUN: sed 's/TRIPLE//;s/LAYOUT//' %t/m.ll | %opt -passes="default<O2>" -S | FileCheck %s
; RUN: sed '/TRIPLE/d;/LAYOUT/d' %t/m.ll | %opt -passes="default<O2>" -S | FileCheck %s
; RUN: sed 's/TRIPLE/unknown-unknown-unknown/;s/LAYOUT/e-i64:64/' %t/m.ll | %opt -passes="default<O2>" -S | FileCheck %s

; RUN: sed 's/TRIPLE/unknown-unknown-unknown/;s/LAYOUT/e-m:e-p:32:32-i64:64/' %t/m.ll > %t/32.ll
; RUN: not %opt -passes=cairn-lower -S %t/32.ll 2>&1 | FileCheck %s --check-prefix=POINTER
; RUN: sed 's/TRIPLE/unknown-unknown-unknown/;s/LAYOUT/E-m:e-i64:64/' %t/m.ll > %t/big.ll
; RUN: not %opt -passes=cairn-lower -S %t/big.ll 2>&1 | FileCheck %s --check-prefix=ORDER
; RUN: sed 's/TRIPLE/unknown-unknown-unknown/;s/LAYOUT/e-m:e-i64:32/' %t/m.ll > %t/loose.ll
; RUN: not %opt -passes=cairn-lower -S %t/loose.ll 2>&1 | FileCheck %s --check-prefix=ALIGN
; RUN: sed 's/TRIPLE/unknown-unknown-unknown/;s/LAYOUT/e-m:o-i64:64/' %t/m.ll > %t/names.ll
; RUN: not %opt -passes=cairn-lower -S %t/names.ll 2>&1 | FileCheck %s --check-prefix=NAMES

; CHECK-NOT: warning
; CHECK-LABEL: define {{.*}}@f(
; CHECK-NOT: @cairn.malloc
; CHECK: @cairn_rt_take_slot.eager(

; POINTER: error: cairn: the runtime's bitcode ({{.*}}: a pointer is 64 bits in the bitcode, 32 in the module, in module
; ORDER: error: cairn: the runtime's bitcode ({{.*}}: the byte order differs, in module
; ALIGN: error: cairn: the runtime's bitcode ({{.*}}: the alignment of i64 is 64 bits in the bitcode, 32 in the module, in module
; NAMES: error: cairn: the runtime's bitcode ({{.*}}: the mangling of names differs, in module
;--- m.ll
target triple = "TRIPLE"
target datalayout = "LAYOUT"
declare ptr @cairn.malloc(i64)
define ptr @f() {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}

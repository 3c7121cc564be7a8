; Bitcode without a fast path that the expansion may call, or with another signature of it,
; is refused when it is read, with the name: a call of it would be of a type it does not have.
; RUN: llvm-dis %own/cairn-fast-x86_64.bc -o %t.ll
; RUN: sed -E 's/@cairn_fast_is_unique\>/@cairn_fast_other/g' %t.ll | llvm-as -o %t.less.bc
; RUN: not %opt -cairn-bitcode=%t.less.bc -passes=cairn-lower -S %s 2>&1 | FileCheck %s --check-prefix=LESS
; RUN: sed -E 's/@cairn_fast_tag\>/@swap/g; s/@cairn_fast_set_tag\>/@cairn_fast_tag/g; s/@swap\>/@cairn_fast_set_tag/g' %t.ll | llvm-as -o %t.swapped.bc
; RUN: not %opt -cairn-bitcode=%t.swapped.bc -passes=cairn-lower -S %s 2>&1 | FileCheck %s --check-prefix=SWAPPED

; Negative: the bitcode as it is.
; RUN: llvm-as %t.ll -o %t.good.bc && %opt -cairn-bitcode=%t.good.bc -passes=cairn-lower -S %s | FileCheck %s --check-prefix=GOOD

; LESS: error: cairn: the runtime's bitcode '{{.*}}.less.bc' lacks the fast path 'cairn_fast_is_unique', i1 (ptr)
; SWAPPED: error: cairn: the runtime's bitcode '{{.*}}.swapped.bc' has another signature of the fast path 'cairn_fast_tag', i8 (ptr)

target triple = "x86_64-unknown-linux-gnu"

declare void @cairn.incref(ptr)

; GOOD-LABEL: define void @keep
; GOOD-NOT: @cairn.incref
define void @keep(ptr %p) {
  call void @cairn.incref(ptr %p)
  ret void
}

; What the passes write as constants may be computed where LLVM merged two calls, or in text that somebody wrote: the
; header word is stored then, whatever `same` is.
;
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_
; RUN: %opt -passes='cairn-lower<O0>' -disable-output %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.reuse.cell(ptr, i32, i32, i32, i1)

; CHECK-LABEL: define ptr @merged(
; CHECK: store i32 %becomes,
define ptr @merged(ptr %cell, i32 %meta, i32 %becomes, i32 %kept, i1 %same) {
  %new = call ptr @cairn.reuse.cell(ptr %cell, i32 %meta, i32 %becomes, i32 %kept, i1 %same)
  ret ptr %new
}

; Negative: the word that the cell has already is not stored.
; CHECK-LABEL: define ptr @same(
; CHECK-NEXT: ret ptr %cell
define ptr @same(ptr %cell, i32 %meta) {
  %new = call ptr @cairn.reuse.cell(ptr %cell, i32 %meta, i32 %meta, i32 0, i1 true)
  ret ptr %new
}

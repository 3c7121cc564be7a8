; What the passes left in a module stays when it is compiled again, and when it is linked with LTO: a function that has
; its counts may have a cell as a parameter.
; RUN: %opt -passes='cairn-import,cairn-insert<O1>' -S %S/../insert/cells-passed.ll -o %t.ll
; RUN: FileCheck %s < %t.ll
; RUN: %clang_cairn -O2 -c %t.ll -o /dev/null
; RUN: %clang_cairn -O2 -flto=thin -c %t.ll -o %t.thin.bc
; RUN: %opt -passes='thinlto<O2>' -disable-output %t.thin.bc
; RUN: %clang_cairn -O2 -flto -c %t.ll -o %t.full.bc
; RUN: %opt -passes='lto<O2>' -disable-output %t.full.bc

; CHECK: "cairn-cell"=

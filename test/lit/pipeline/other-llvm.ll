; Bitcode that another LLVM wrote, and a host that is another LLVM: both are told apart
; and named.
; REQUIRES: llvm-14
; RUN: echo 'target triple = "x86_64-unknown-linux-gnu"' | opt-14 -o %t.bc
; RUN: not %opt -cairn-bitcode=%t.bc -passes=cairn-lower -S %s 2>&1 | FileCheck %s --check-prefix=BITCODE
; RUN: not clang-14 -fpass-plugin=%plugin -c -x c /dev/null -o /dev/null 2>&1 | FileCheck %s --check-prefix=HOST
; RUN: opt-14 -load-pass-plugin=%plugin -disable-output %t.bc 2>&1 | FileCheck %s --check-prefix=HOST

; BITCODE: error: cairn: the runtime's bitcode '{{.*}}' was written by LLVM14{{.*}}, this is LLVM[[LLVM]]
; HOST: CairnPlugin: built for LLVM [[LLVM]]{{.*}}, which is in '{{.*}}'; '{{.*}}' is another LLVM. Use the tools of LLVM [[LLVM]].

target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
define ptr @f() {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}

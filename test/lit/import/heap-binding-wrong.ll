; RUN: split-file %s %t
; RUN: not %opt -passes=cairn-import -S %t/unknown.ll 2>&1 | FileCheck %s --check-prefix=UNKNOWN
; RUN: not %opt -passes=cairn-import -S %t/argument.ll 2>&1 | FileCheck %s --check-prefix=ARGUMENT
; A binding that cannot be resolved is an error, not the default heap.

; UNKNOWN: error: cairn: function 'f' has the unknown heap binding 'global' (thread, static and argument are known)
;--- unknown.ll
target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
define ptr @f() "cairn-heap"="global" {
  %p = call ptr @cairn.malloc(i64 8)
  ret ptr %p
}

; ARGUMENT: error: cairn: function 'f' binds its heap to argument '1', which is not a pointer parameter of it
;--- argument.ll
target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
define ptr @f(ptr %p, i64 %n) "cairn-heap"="argument" "cairn-heap-argument"="1" {
  %q = call ptr @cairn.malloc(i64 8)
  ret ptr %q
}

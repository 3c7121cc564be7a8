; What is wrong is told once, though the lowering imports again: a malformed descriptor
; once for all its calls, a call of an unknown intrinsic once. Clang goes on after an error.
; RUN: split-file %s %t
; RUN: not %clang_cairn -O2 -c %t/m.ll -o /dev/null 2>&1 | FileCheck %s
; RUN: not %clang_cairn -O0 -c %t/m.ll -o /dev/null 2>&1 | FileCheck %s

; CHECK-NOT: error:
; CHECK: error: {{.*}}'cairn.nonesuch'
; CHECK-NOT: error:
; CHECK: error: {{.*}}descriptor 'bad' is malformed: align is 3
; CHECK-NOT: error:
;--- m.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@bad = internal global %cairn_type { i32 16, i16 3, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
declare ptr @cairn.nonesuch(ptr)
define ptr @one() {
  %p = call ptr @cairn.alloc(ptr @bad)
  %q = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}
define ptr @two() {
  %p = call ptr @cairn.alloc(ptr @bad)
  %q = call ptr @cairn.nonesuch(ptr %p)
  ret ptr %q
}

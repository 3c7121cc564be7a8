; That an error was told is believed only if one was: a frontend that writes so hides none. And what is said of a
; descriptor that cannot be read is not believed.
; RUN: split-file %s %t
; RUN: not %clang_cairn -O2 -c %t/call.ll -o /dev/null 2>&1 | FileCheck %s --check-prefix=CALL
; RUN: not %opt -passes=cairn-lower -disable-output %t/call.ll 2>&1 | FileCheck %s --check-prefix=CALL
; RUN: not %opt -passes=cairn-import -disable-output %t/module.ll 2>&1 | FileCheck %s --check-prefix=MODULE
; RUN: not %clang_cairn -O2 -c %t/refused.ll -o /dev/null 2>&1 | FileCheck %s --check-prefix=REFUSED
; RUN: not %opt -passes=cairn-lower -disable-output %t/refused.ll 2>&1 | FileCheck %s --check-prefix=LOWER
; RUN: %opt -passes=cairn-import -S %t/type.ll | FileCheck %s --check-prefix=TYPE

; CALL: error: {{.*}}there is no intrinsic 'cairn.nonesuch'
;--- call.ll
target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.nonesuch(ptr)
define ptr @f(ptr %p) {
  %q = call ptr @cairn.nonesuch(ptr %p) "cairn-reported"
  ret ptr %q
}

; MODULE: error: {{.*}}there is no intrinsic 'cairn.nothing'
;--- module.ll
declare ptr @cairn.nothing(ptr)
!cairn.reported = !{!0}
!0 = !{!"there is no intrinsic 'cairn.nothing'"}

; REFUSED: error: {{.*}}an atomic access of a reference
; LOWER: error: {{.*}}function 'f' has managed references, and their counts were not inserted
;--- refused.ll
target triple = "x86_64-unknown-linux-gnu"
define ptr addrspace(77) @f(ptr %p) "cairn-refused" {
  %q = load atomic ptr addrspace(77), ptr %p seq_cst, align 8
  ret ptr addrspace(77) %q
}

; TYPE: call ptr @cairn.alloc(ptr @node){{$}}
; TYPE-NOT: cairn-releases-nothing
;--- type.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node = external global %cairn_type
declare ptr @cairn.alloc(ptr)
declare void @cairn.decref(ptr)
define ptr @f() {
  %p = call ptr @cairn.alloc(ptr @node) "cairn-type"="24,8,2147483651,0,0,8"
  ret ptr %p
}
define void @g(ptr %p) "cairn-releases-nothing" {
  call void @cairn.decref(ptr %p)
  ret void
}

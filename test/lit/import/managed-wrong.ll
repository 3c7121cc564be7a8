; What is wrong with a managed name is said as of a plain one: which function, which
; instruction, and what is right.
;
; RUN: rm -rf %t && split-file %s %t
; RUN: not %opt -passes=cairn-import -disable-output %t/alias.ll 2>&1 | FileCheck %s --check-prefix=ALIAS
; RUN: not %opt -passes=cairn-import -disable-output %t/unknown.ll 2>&1 | FileCheck %s --check-prefix=UNKNOWN
; RUN: not %opt -passes=cairn-import -disable-output %t/plain.ll 2>&1 | FileCheck %s --check-prefix=PLAIN
; RUN: not %opt -passes=cairn-import -disable-output %t/convention.ll 2>&1 | FileCheck %s --check-prefix=CONVENTION
; RUN: not %opt -passes=cairn-import -disable-output %t/bundle.ll 2>&1 | FileCheck %s --check-prefix=BUNDLE

; ALIAS: in function f {{.*}}'cairn_ref_new' is declared as ptr (ptr), its signature is ptr addrspace(77) (ptr): %a = call ptr @cairn_ref_new(ptr %t)
;--- alias.ll
declare ptr @cairn_ref_new(ptr)
define void @f(ptr %t) {
  %a = call ptr @cairn_ref_new(ptr %t)
  ret void
}

; UNKNOWN: in function f {{.*}}there is no intrinsic 'cairn.ref.alocate'
;--- unknown.ll
declare ptr addrspace(77) @cairn.ref.alocate(ptr)
define void @f(ptr %t) {
  %b = call ptr addrspace(77) @cairn.ref.alocate(ptr %t)
  ret void
}

; PLAIN: 'cairn.ref.decref' is declared as void (ptr), its signature is void (ptr addrspace(77)), in module
;--- plain.ll
declare void @cairn.ref.decref(ptr)

; CONVENTION: 'cairn.ref.incref' is declared with calling convention 8, it has the C calling convention
;--- convention.ll
declare fastcc void @cairn.ref.incref(ptr addrspace(77))
define void @f(ptr addrspace(77) %p) {
  call fastcc void @cairn.ref.incref(ptr addrspace(77) %p)
  ret void
}

; BUNDLE: in function f {{.*}}a call of 'cairn_ref_tag' has the operand bundle 'deopt'; only 'funclet' is supported
;--- bundle.ll
declare i8 @cairn_ref_tag(ptr addrspace(77))
define void @f(ptr addrspace(77) %p) {
  %c = call i8 @cairn_ref_tag(ptr addrspace(77) %p) [ "deopt"(i32 1) ]
  ret void
}

; A wrong calling convention is named as such, for a declaration and for a call; so is an
; operand bundle that the expansion would lose. An exception handler's token is none.
; RUN: split-file %s %t
; RUN: not %opt -passes=cairn-import -S %t/declared.ll 2>&1 | FileCheck %s --check-prefix=DECLARED
; RUN: not %opt -passes=cairn-import -S %t/called.ll 2>&1 | FileCheck %s --check-prefix=CALLED
; RUN: not %opt -passes=cairn-import -S %t/bundle.ll 2>&1 | FileCheck %s --check-prefix=BUNDLE
; RUN: not %opt -passes=cairn-import -S %t/alias.ll 2>&1 | FileCheck %s --check-prefix=ALIAS

; DECLARED: cairn: 'cairn.alloc' is declared with calling convention 8, it has the C calling convention: %p = call fastcc ptr @cairn.alloc(ptr %t)
;--- declared.ll
declare fastcc ptr @cairn.alloc(ptr)
define ptr @f(ptr %t) {
  %p = call fastcc ptr @cairn.alloc(ptr %t)
  ret ptr %p
}
; CALLED: cairn: 'cairn.alloc' is called with calling convention 8, it has the C calling convention: %p = call fastcc
;--- called.ll
declare ptr @cairn.alloc(ptr)
define ptr @f(ptr %t) {
  %p = call fastcc ptr @cairn.alloc(ptr %t)
  ret ptr %p
}
; BUNDLE: cairn: a call of 'cairn.alloc' has the operand bundle 'mine'; only 'funclet' is supported: %p = call
;--- bundle.ll
declare ptr @cairn.alloc(ptr)
define ptr @f(ptr %t) {
  %p = call ptr @cairn.alloc(ptr %t) [ "mine"(i32 1) ]
  ret ptr %p
}
; ALIAS: cairn: a call of 'cairn_decref' has the operand bundle 'deopt'; only 'funclet' is supported: call void
;--- alias.ll
declare void @cairn_decref(ptr)
define void @f(ptr %p) {
  call void @cairn_decref(ptr %p) [ "deopt"(i32 1) ]
  ret void
}

; Negative: a container's intrinsic, and its C function, with another signature.
; RUN: split-file %s %t
; RUN: not %opt -passes=cairn-import -S %t/intrinsic.ll 2>&1 | FileCheck %s --check-prefix=INTRINSIC
; RUN: not %opt -passes=cairn-import -S %t/alias.ll 2>&1 | FileCheck %s --check-prefix=ALIAS
; RUN: not %opt -passes=cairn-import -S %t/unknown.ll 2>&1 | FileCheck %s --check-prefix=UNKNOWN

; INTRINSIC: error: {{.*}}in function user {{.*}}cairn: 'cairn.list.get' is declared as i64 (ptr, i64), its signature is i64 (ptr, i32): %v = call i64 @cairn.list.get(ptr %l, i64 0)
;--- intrinsic.ll
target triple = "x86_64-unknown-linux-gnu"
declare i64 @cairn.list.get(ptr, i64)
define i64 @user(ptr %l) {
  %v = call i64 @cairn.list.get(ptr %l, i64 0)
  ret i64 %v
}

; ALIAS: error: {{.*}}in function user {{.*}}cairn: 'cairn_dict_set' is declared as void (ptr, ptr, ptr), its signature is void (ptr, ptr, i64, ptr): call void @cairn_dict_set(ptr %d, ptr %k, ptr %v)
;--- alias.ll
target triple = "x86_64-unknown-linux-gnu"
declare void @cairn_dict_set(ptr, ptr, ptr)
define void @user(ptr %d, ptr %k, ptr %v) {
  call void @cairn_dict_set(ptr %d, ptr %k, ptr %v)
  ret void
}

; UNKNOWN: error: {{.*}}in function user {{.*}}cairn: there is no intrinsic 'cairn.list.pop': %v = call i64 @cairn.list.pop(ptr %l)
;--- unknown.ll
target triple = "x86_64-unknown-linux-gnu"
declare i64 @cairn.list.pop(ptr)
define i64 @user(ptr %l) {
  %v = call i64 @cairn.list.pop(ptr %l)
  ret i64 %v
}

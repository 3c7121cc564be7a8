; A wrong prototype is an error with the function and the instruction in it, for the
; intrinsic and for the C name; nothing is replaced by guesswork.
; RUN: split-file %s %t
; RUN: not %opt -passes=cairn-import -S %t/intrinsic.ll 2>&1 | FileCheck %s --check-prefix=INTRINSIC
; RUN: not %opt -passes=cairn-import -S %t/alias.ll 2>&1 | FileCheck %s --check-prefix=ALIAS
; RUN: not %opt -passes=cairn-import -S %t/call.ll 2>&1 | FileCheck %s --check-prefix=CALL
; RUN: not %opt -passes=cairn-import -S %t/unused.ll 2>&1 | FileCheck %s --check-prefix=UNUSED
; RUN: not %opt -passes=cairn-import -S %t/unknown.ll 2>&1 | FileCheck %s --check-prefix=UNKNOWN
; RUN: not %opt -passes=cairn-import -S %t/located.ll 2>&1 | FileCheck %s --check-prefix=LOCATED
; RUN: not %opt -passes=cairn-lower -S %t/alias.ll 2>&1 | FileCheck %s --check-prefix=ALIAS

; INTRINSIC: error: {{.*}}in function user {{.*}}cairn: 'cairn.alloc' is declared as ptr (i64), its signature is ptr (ptr): %p = call ptr @cairn.alloc(i64 8)
;--- intrinsic.ll
target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.alloc(i64)
define ptr @user() {
  %p = call ptr @cairn.alloc(i64 8)
  ret ptr %p
}

; ALIAS: error: {{.*}}in function user {{.*}}cairn: 'cairn_free_sized' is declared as void (i64, ptr), its signature is void (ptr, i64): call void @cairn_free_sized(i64 8, ptr %p)
;--- alias.ll
target triple = "x86_64-unknown-linux-gnu"
declare void @cairn_free_sized(i64, ptr)
define void @user(ptr %p) {
  call void @cairn_free_sized(i64 8, ptr %p)
  ret void
}

; CALL: error: {{.*}}in function user {{.*}}cairn: 'cairn.malloc' is called as ptr (i32), its signature is ptr (i64): %p = call ptr @cairn.malloc(i32 8)
;--- call.ll
target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
define ptr @user() {
  %p = call ptr (i32) @cairn.malloc(i32 8)
  ret ptr %p
}

; UNUSED: error: cairn: 'cairn.incref' is declared as i32 (ptr), its signature is void (ptr), in module '{{.*}}unused.ll'
;--- unused.ll
target triple = "x86_64-unknown-linux-gnu"
declare i32 @cairn.incref(ptr)

; UNKNOWN: error: {{.*}}in function user {{.*}}cairn: there is no intrinsic 'cairn.allocate': %p = call ptr @cairn.allocate(i64 8)
;--- unknown.ll
target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.allocate(i64)
define ptr @user() {
  %p = call ptr @cairn.allocate(i64 8)
  ret ptr %p
}

; LOCATED: error: user.c:7:3: in function user {{.*}}cairn: 'cairn_malloc'
;--- located.ll
target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn_malloc(i32)
define ptr @user() !dbg !4 {
  %p = call ptr @cairn_malloc(i32 8), !dbg !5
  ret ptr %p
}
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, emissionKind: FullDebug)
!1 = !DIFile(filename: "user.c", directory: "")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = !DISubroutineType(types: !{})
!4 = distinct !DISubprogram(name: "user", file: !1, line: 5, type: !3, unit: !0, spFlags: DISPFlagDefinition)
!5 = !DILocation(line: 7, column: 3, scope: !4)

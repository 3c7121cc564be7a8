; What is inlined has the line of the call it came from.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s

; CHECK-LABEL: define void @f(
; CHECK: load atomic i32, ptr {{.*}}, !dbg [[LINE:![0-9]+]]
; CHECK: call preserve_mostcc void @cairn_rt_incref.eager({{.*}}!dbg [[LINE]]
; CHECK: [[LINE]] = !DILocation(line: 7, column: 3

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.incref(ptr)
define void @f(ptr %p) !dbg !4 {
  call void @cairn.incref(ptr %p), !dbg !5
  ret void, !dbg !5
}
!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, emissionKind: FullDebug)
!1 = !DIFile(filename: "user.c", directory: "")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = !DISubroutineType(types: !{})
!4 = distinct !DISubprogram(name: "f", file: !1, line: 5, type: !3, unit: !0, spFlags: DISPFlagDefinition)
!5 = !DILocation(line: 7, column: 3, scope: !4)

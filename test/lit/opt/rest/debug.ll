; What moves keeps its lines and its scope, as if it were inlined into the new function; a variable whose value stays
; behind has none there.
; RUN: %opt -passes=cairn-rest,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr @use(ptr)

; CHECK-LABEL: define ptr @f(
; CHECK: tail call ptr @f.rest(ptr %a), !dbg [[CALL:![0-9]+]]
; CHECK: define internal ptr @f.rest(ptr %a) {{.*}} !dbg [[REST:![0-9]+]]
; CHECK: #dbg_value(ptr %a, [[V:![0-9]+]], !DIExpression(), [[AT:![0-9]+]])
; CHECK: #dbg_value(ptr poison, [[V]], !DIExpression(), [[AT]])
; CHECK: call ptr @use(ptr %a), !dbg [[LINE:![0-9]+]]
; CHECK: [[F:![0-9]+]] = distinct !DISubprogram(name: "f"
; CHECK: [[CALL]] = !DILocation(line: 2,
; CHECK: [[REST]] = distinct !DISubprogram(name: "f.rest"{{.*}}flags: DIFlagArtificial
; CHECK: [[LINE]] = !DILocation(line: 3, {{.*}}scope: [[F]], inlinedAt: [[INTO:![0-9]+]])
; CHECK: [[INTO]] = distinct !DILocation(line: 2, scope: [[REST]])
define ptr @f(ptr %x, ptr %y) nounwind "cairn-counts-inserted" !dbg !4 {
  %a = call ptr @f(ptr %x, ptr %y), !dbg !7
    #dbg_value(ptr %a, !9, !DIExpression(), !8)
    #dbg_value(ptr %y, !9, !DIExpression(), !8)
  %b = call ptr @use(ptr %a), !dbg !8
  %c = call ptr @use(ptr %b), !dbg !8
  %d = call ptr @use(ptr %c), !dbg !8
  ret ptr %d, !dbg !8
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, emissionKind: FullDebug)
!1 = !DIFile(filename: "f.c", directory: "/")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!4 = distinct !DISubprogram(name: "f", scope: !1, file: !1, line: 1, type: !5, spFlags: DISPFlagDefinition, unit: !0, retainedNodes: !6)
!5 = !DISubroutineType(types: !6)
!6 = !{}
!7 = !DILocation(line: 2, column: 1, scope: !4)
!8 = !DILocation(line: 3, column: 1, scope: !4)
!9 = !DILocalVariable(name: "v", scope: !4, file: !1, line: 1, type: !10)
!10 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: null, size: 64)

; The place of a call that was inlined from another file's function, as most of C++ counts by, says
; little by itself: the function that it was inlined into comes first, with those of the same file
; that this one was inlined into. A place that was inlined within one file is as it is (negative).
;
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s
;
; CHECK-DAG: c"outer (main.c:30:3) by middle (main.c:20:3) by release\00"
; CHECK-DAG: c"helper\00"
; CHECK-NOT: by helper

define void @outer(ptr %a, ptr %b) !dbg !4 {
  call void @cairn.decref(ptr %a), !dbg !10
  call void @cairn.decref(ptr %b), !dbg !13
  ret void, !dbg !12
}
declare void @cairn.decref(ptr)

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2, !3, !17}
!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, emissionKind: LineTablesOnly)
!1 = !DIFile(filename: "main.c", directory: "/")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = !{i32 7, !"Dwarf Version", i32 4}
!4 = distinct !DISubprogram(name: "outer", file: !1, line: 29, type: !5, unit: !0, spFlags: DISPFlagDefinition)
!5 = !DISubroutineType(types: !6)
!6 = !{null}
!7 = !DIFile(filename: "count.h", directory: "/")
!8 = distinct !DISubprogram(name: "release", file: !7, line: 9, type: !5, unit: !0, spFlags: DISPFlagDefinition)
!9 = distinct !DISubprogram(name: "middle", file: !1, line: 19, type: !5, unit: !0, spFlags: DISPFlagDefinition)
!10 = !DILocation(line: 10, column: 5, scope: !8, inlinedAt: !11)
!11 = distinct !DILocation(line: 20, column: 3, scope: !9, inlinedAt: !14)
!12 = !DILocation(line: 32, column: 1, scope: !4)
!13 = !DILocation(line: 5, column: 1, scope: !15, inlinedAt: !16)
!14 = distinct !DILocation(line: 30, column: 3, scope: !4)
!15 = distinct !DISubprogram(name: "helper", file: !1, line: 4, type: !5, unit: !0, spFlags: DISPFlagDefinition)
!16 = distinct !DILocation(line: 31, column: 3, scope: !4)
!17 = !{i32 7, !"cairn-checked", i32 1}

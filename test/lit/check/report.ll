; The pass reports a finding as an error: function, line, kind, value, and the path with its lines.
; RUN: not %opt -passes=cairn-certify -disable-output %s 2>&1 | FileCheck %s
; CHECK: error: user.c:7:3: in function f {{.*}}cairn: lost unit: a unit of %p is lost where the path goes on; path: %entry (line 6) -> %end (line 9): br i1 %c

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.decref(ptr addrspace(77))
@type = external global i8

define void @f(i1 %c) !dbg !4 {
entry:
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type), !dbg !5
  br i1 %c, label %then, label %end, !dbg !6
then:
  call void @cairn.ref.decref(ptr addrspace(77) %p), !dbg !7
  br label %end, !dbg !7
end:
  ret void, !dbg !8
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, emissionKind: FullDebug)
!1 = !DIFile(filename: "user.c", directory: "")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = !DISubroutineType(types: !{})
!4 = distinct !DISubprogram(name: "f", file: !1, line: 5, type: !3, unit: !0, spFlags: DISPFlagDefinition)
!5 = !DILocation(line: 6, column: 3, scope: !4)
!6 = !DILocation(line: 7, column: 3, scope: !4)
!7 = !DILocation(line: 8, column: 3, scope: !4)
!8 = !DILocation(line: 9, column: 3, scope: !4)

; A variable that holds the cell holds it on both ways on which it is made, and not before.
; RUN: %opt -passes=cairn-header-first,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.tagged.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))

; CHECK-LABEL: @loop(
; CHECK: more:
; CHECK-NEXT: call ptr addrspace(77) @cairn.ref.own.tagged.cell(
; CHECK-NEXT: br label
; CHECK: [[CELL:%.*]] = phi ptr addrspace(77)
; CHECK-NEXT: #dbg_value(ptr addrspace(77) [[CELL]],
define ptr addrspace(77) @loop(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" !dbg !4 {
  br label %loop, !dbg !7
loop:
  %at = phi ptr addrspace(77) [ %x, %0 ], [ %next, %more ]
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %at), !dbg !7
  %is = icmp eq i8 %tag, 2, !dbg !7
  br i1 %is, label %more, label %end, !dbg !7
more:
  %cell = call ptr addrspace(77) @cairn.ref.own.tagged.cell(ptr addrspace(77) %at, i32 -2113798141), !dbg !7
    #dbg_value(ptr addrspace(77) %cell, !8, !DIExpression(), !7)
  %next = load ptr addrspace(77), ptr addrspace(77) %cell, !dbg !7
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell), !dbg !7
  br label %loop, !dbg !7
end:
  ret ptr addrspace(77) %at, !dbg !7
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
!8 = !DILocalVariable(name: "v", scope: !4, file: !1, line: 1, type: !10)
!10 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: null, size: 64)

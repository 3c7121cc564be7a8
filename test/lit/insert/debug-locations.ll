; A count has the line of the instruction that it belongs to, and the variables of a function keep
; their values.
; RUN: %opt -passes=cairn-insert,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")

; CHECK-LABEL: define void @f(
; CHECK: %m = call ptr addrspace(77) @make(), !dbg [[MADE:![0-9]+]]
; CHECK-NEXT: #dbg_value(ptr addrspace(77) %m
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %m), !dbg [[TAKEN:![0-9]+]]
; CHECK-NEXT: call void @take(ptr addrspace(77) %m), !dbg [[TAKEN]]
; CHECK: call void @use(ptr addrspace(77) %m), !dbg [[USED:![0-9]+]]
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m), !dbg [[USED]]
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %m), !dbg [[BRANCH:![0-9]+]]
; CHECK: [[MADE]] = !DILocation(line: 3
; CHECK: [[TAKEN]] = !DILocation(line: 4
; CHECK: [[BRANCH]] = !DILocation(line: 5
; CHECK: [[USED]] = !DILocation(line: 6
define void @f(i1 %c) !dbg !3 {
entry:
  %m = call ptr addrspace(77) @make(), !dbg !7
    #dbg_value(ptr addrspace(77) %m, !6, !DIExpression(), !7)
  call void @take(ptr addrspace(77) %m), !dbg !8
  br i1 %c, label %yes, label %no, !dbg !9
yes:
  call void @use(ptr addrspace(77) %m), !dbg !10
  br label %no, !dbg !10
no:
  ret void, !dbg !11
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, emissionKind: FullDebug)
!1 = !DIFile(filename: "f.c", directory: "/")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = distinct !DISubprogram(name: "f", file: !1, line: 1, type: !4, unit: !0, spFlags: DISPFlagDefinition)
!4 = !DISubroutineType(types: !5)
!5 = !{null}
!6 = !DILocalVariable(name: "m", scope: !3, file: !1, line: 3)
!7 = !DILocation(line: 3, scope: !3)
!8 = !DILocation(line: 4, scope: !3)
!9 = !DILocation(line: 5, scope: !3)
!10 = !DILocation(line: 6, scope: !3)
!11 = !DILocation(line: 7, scope: !3)

; A variable that holds the new object holds it too where the object was made in waiting memory.
; RUN: %opt -passes=cairn-tokens,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@pair = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))

; CHECK-LABEL: @f(
; CHECK: fresh:
; CHECK: #dbg_value(ptr addrspace(77) %new, [[V:![0-9]+]],
; CHECK: filled:
; CHECK: [[EITHER:%.*]] = phi ptr addrspace(77) [ %new, %fresh ], [ %{{.*}}, %again ]
; CHECK: #dbg_value(ptr addrspace(77) [[EITHER]], [[V]],
; CHECK: next:
; CHECK: #dbg_value(ptr addrspace(77) [[EITHER]], [[W:![0-9]+]],
define ptr addrspace(77) @f(ptr addrspace(77) %x) nounwind "cairn-counts-inserted" !dbg !4 {
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213), !dbg !7
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell), !dbg !7
  br label %loop, !dbg !7
loop:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair), !dbg !7
    #dbg_value(ptr addrspace(77) %new, !8, !DIExpression(), !7)
  store ptr addrspace(77) null, ptr addrspace(77) %new, !dbg !7
  br label %next, !dbg !7
next:
    #dbg_value(ptr addrspace(77) %new, !9, !DIExpression(), !7)
  ret ptr addrspace(77) %new, !dbg !7
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
!9 = !DILocalVariable(name: "w", scope: !4, file: !1, line: 1, type: !10)
!10 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: null, size: 64)

; A variable that becomes a register is described by values, and so is each reference of a structure; what
; is left of the structure in memory is a value at an address: a variable that is declared at an address, in
; part, has no other values for a debugger.
; RUN: %opt -passes=cairn-slots,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%pair = type { ptr addrspace(77), i64 }

; CHECK-LABEL: define i64 @f(
; CHECK: %t = alloca [16 x i8]
; CHECK: #dbg_value(ptr addrspace(77) %p, [[V:![0-9]+]], !DIExpression()
; CHECK: #dbg_value(ptr %t, [[T:![0-9]+]], !DIExpression(DW_OP_plus_uconst, 8, DW_OP_deref, DW_OP_LLVM_fragment, 64, 64)
; CHECK: #dbg_value(ptr addrspace(77) %p, [[T]], !DIExpression(DW_OP_LLVM_fragment, 0, 64)
; NEGATIVE: other variables stay as they are.
; CHECK: #dbg_declare(ptr %n, [[N:![0-9]+]], !DIExpression()
; CHECK-DAG: [[V]] = !DILocalVariable(name: "v"
; CHECK-DAG: [[T]] = !DILocalVariable(name: "t"
; CHECK-DAG: [[N]] = !DILocalVariable(name: "n"
define i64 @f(ptr addrspace(77) %p) !dbg !5 {
  %v = alloca ptr addrspace(77)
  %t = alloca %pair
  %n = alloca i64
    #dbg_declare(ptr %v, !9, !DIExpression(), !12)
  store ptr addrspace(77) %p, ptr %v, !dbg !12
    #dbg_declare(ptr %t, !10, !DIExpression(), !12)
  store ptr addrspace(77) %p, ptr %t, !dbg !12
    #dbg_declare(ptr %n, !11, !DIExpression(), !12)
  %k = getelementptr %pair, ptr %t, i32 0, i32 1
  store i64 1, ptr %k, !dbg !12
  store i64 1, ptr %n, !dbg !12
  %r = load i64, ptr %k, !dbg !12
  ret i64 %r, !dbg !12
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, emissionKind: FullDebug)
!1 = !DIFile(filename: "f.c", directory: "/")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = !DIBasicType(name: "long", size: 64, encoding: DW_ATE_signed)
!4 = !DIDerivedType(tag: DW_TAG_pointer_type, baseType: !3, size: 64)
!5 = distinct !DISubprogram(name: "f", scope: !1, file: !1, line: 1, type: !6, unit: !0, spFlags: DISPFlagDefinition)
!6 = !DISubroutineType(types: !7)
!7 = !{!3, !4}
!8 = !DICompositeType(tag: DW_TAG_structure_type, name: "pair", file: !1, size: 128)
!9 = !DILocalVariable(name: "v", scope: !5, file: !1, line: 2, type: !4)
!10 = !DILocalVariable(name: "t", scope: !5, file: !1, line: 3, type: !8)
!11 = !DILocalVariable(name: "n", scope: !5, file: !1, line: 4, type: !3)
!12 = !DILocation(line: 5, scope: !5)

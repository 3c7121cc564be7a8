; A function that makes its new objects of the memory of old ones, and neither allocates nor frees where these are
; unique, works in place. Of the others it is said what is first in the way, and where.
; RUN: %opt -passes=cairn-in-place -disable-output -pass-remarks=cairn-in-place -pass-remarks-missed=cairn-in-place %s 2>&1 | FileCheck %s
; RUN: %opt -passes=cairn-in-place -S %s 2>&1 | FileCheck %s --check-prefix=SAME

; CHECK: t.c:10:0: in place: 'map' neither allocates nor frees
; CHECK-NEXT: {{.*}}t.c:31:1: not in place: 'grow' allocates an object at t.c:31
; CHECK-NEXT: {{.*}}t.c:42:1: not in place: 'drop' releases an object at t.c:42
; CHECK-NEXT: {{.*}}not in place: 'frees' frees memory
; CHECK-NEXT: {{.*}}t.c:61:1: not in place: 'calls' calls 'middle' at t.c:61, which allocates an object at t.c:31
; CHECK-NEXT: {{.*}}not in place: 'outside' calls a function that is defined elsewhere, 'elsewhere',
; CHECK-NEXT: {{.*}}in place: 'even' neither
; CHECK-NEXT: {{.*}}in place: 'odd' neither
; CHECK-NOT: remark
; SAME-NOT: remark
; SAME: call ptr addrspace(77) @cairn.ref.reuse.cell

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node.fields = internal constant [1 x i32] [i32 0]
@node = internal global %type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @node.fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare void @elsewhere()
declare i32 @printf(ptr, ...)

; The arm of shared objects allocates and releases; printf is the C library's.
define ptr addrspace(77) @map(ptr addrspace(77) %l) !dbg !10 {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %l, i32 1, i32 -1)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %l, i32 1)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 1, i32 1, i32 1, i1 true)
  %printed = call i32 (ptr, ...) @printf(ptr @node.fields)
  ret ptr addrspace(77) %new
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %l)
  %made = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  ret ptr addrspace(77) %made
}

; The question may be negated.
define ptr addrspace(77) @grow(ptr addrspace(77) %l) !dbg !30 {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %l, i32 1, i32 -1)
  %not = xor i1 %last, true
  br i1 %not, label %shared, label %unique
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %l)
  ret ptr addrspace(77) null
unique:
  %made = call ptr addrspace(77) @cairn.ref.alloc(ptr @node), !dbg !31
  ret ptr addrspace(77) %made
}

define void @drop(ptr addrspace(77) %l) !dbg !40 {
  call void @cairn.ref.decref(ptr addrspace(77) null)
  call void @cairn.ref.decref(ptr addrspace(77) %l), !dbg !42
  ret void
}

define void @frees(ptr addrspace(77) %l) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %l, i32 1)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  ret void
}

; Nothing is said of who only calls, and of who has no object to work on.
define ptr addrspace(77) @middle(ptr addrspace(77) %l) {
  %r = call ptr addrspace(77) @grow(ptr addrspace(77) %l)
  ret ptr addrspace(77) %r
}
define ptr addrspace(77) @makes(i64 %n) {
  %made = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  ret ptr addrspace(77) %made
}

define ptr addrspace(77) @calls(ptr addrspace(77) %l) !dbg !60 {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %l, i32 1)
  %rest = call ptr addrspace(77) @middle(ptr addrspace(77) null), !dbg !61
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 1, i32 1, i32 1, i1 true)
  ret ptr addrspace(77) %new
}

define ptr addrspace(77) @outside(ptr addrspace(77) %l) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %l, i32 1)
  call void @elsewhere()
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 1, i32 1, i32 1, i1 true)
  ret ptr addrspace(77) %new
}

; Those that call each other.
define ptr addrspace(77) @even(ptr addrspace(77) %l) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %l, i32 1)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 1, i32 1, i32 1, i1 true)
  %r = call ptr addrspace(77) @odd(ptr addrspace(77) %new)
  ret ptr addrspace(77) %r
}
define ptr addrspace(77) @odd(ptr addrspace(77) %l) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %l, i32 1)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 1, i32 1, i32 1, i1 true)
  %r = call ptr addrspace(77) @even(ptr addrspace(77) %new)
  ret ptr addrspace(77) %r
}

!llvm.dbg.cu = !{!0}
!llvm.module.flags = !{!2}
!0 = distinct !DICompileUnit(language: DW_LANG_C99, file: !1, emissionKind: LineTablesOnly)
!1 = !DIFile(filename: "t.c", directory: "/")
!2 = !{i32 2, !"Debug Info Version", i32 3}
!3 = !DISubroutineType(types: !{})
!10 = distinct !DISubprogram(name: "map", file: !1, line: 10, scopeLine: 10, type: !3, unit: !0)
!30 = distinct !DISubprogram(name: "grow", file: !1, line: 30, type: !3, unit: !0)
!31 = !DILocation(line: 31, column: 1, scope: !30)
!40 = distinct !DISubprogram(name: "drop", file: !1, line: 40, type: !3, unit: !0)
!42 = !DILocation(line: 42, column: 1, scope: !40)
!60 = distinct !DISubprogram(name: "calls", file: !1, line: 60, type: !3, unit: !0)
!61 = !DILocation(line: 61, column: 1, scope: !60)

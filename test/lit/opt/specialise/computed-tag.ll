; An object that is made of a cell with a computed tag may have any tag: a test of one does not tell its type from
; another's that fits alike.
; RUN: %opt -passes=cairn-specialise,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@first = internal constant [1 x i32] [i32 0]
@both = internal constant [2 x i32] [i32 0, i32 8]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }
@tree = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc.tagged(ptr, i8)
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))

; Lists have tag 1, trees tag 2.
define void @make() "cairn-counts-inserted" {
  %l = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @list, i8 1)
  %t = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @tree, i8 2)
  call void @cairn.ref.decref(ptr addrspace(77) %l)
  call void @cairn.ref.decref(ptr addrspace(77) %t)
  ret void
}

; And lists with the tag that somebody asks for.
define ptr addrspace(77) @become(ptr addrspace(77) "cairn-owned" %cell, i8 %tag) "cairn-counts-inserted" {
  %wide = zext i8 %tag to i32
  %at = shl nuw i32 %wide, 16
  %word = or i32 %at, -2113929215
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929215, i32 %word, i32 0, i1 false)
  ret ptr addrspace(77) %new
}

; A list may have any tag now.
; CHECK-LABEL: @two(
; CHECK-NOT: is.last
; CHECK: ret i64
define i64 @two(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %x)
  %is = icmp eq i8 %tag, 2
  br i1 %is, label %then, label %other
then:
  %child = load ptr addrspace(77), ptr addrspace(77) %x
  call void @cairn.ref.incref(ptr addrspace(77) %child)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  %n = load i64, ptr addrspace(77) %child
  call void @cairn.ref.decref(ptr addrspace(77) %child)
  ret i64 %n
other:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 0
}

; A header word that is computed as a whole says nothing, and stops nothing.
define ptr addrspace(77) @any(ptr addrspace(77) "cairn-owned" %cell, i32 %word, i32 %kept, i1 %same) "cairn-counts-inserted" {
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 %word, i32 %word, i32 %kept, i1 %same)
  ret ptr addrspace(77) %new
}

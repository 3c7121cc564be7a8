; An object that is made in a cell has a header word of its class; its tag may be computed.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare void @cairn.ref.incref(ptr addrspace(77))

; The tag of the new object may be computed.
define ptr addrspace(77) @good_tag(ptr addrspace(77) "cairn-owned" %x, i8 %tag) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929216)
  %wide = zext i8 %tag to i32
  %at = shl i32 %wide, 16
  %becomes = or i32 %at, -2113929216
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929216, i32 %becomes, i32 0, i1 false)
  ret ptr addrspace(77) %new
}

; Negative: what is computed may be more than the tag.
; CHECK: wide_tag: wrong use of a cell: %cell becomes an object, but its header words are no plain object's
define ptr addrspace(77) @wide_tag(ptr addrspace(77) "cairn-owned" %x, i16 %tag) {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929216)
  %wide = zext i16 %tag to i32
  %at = shl i32 %wide, 16
  %becomes = or i32 %at, -2113929216
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929216, i32 %becomes, i32 0, i1 false)
  ret ptr addrspace(77) %new
}

; LLVM removes a null that is stored to memory which others know, too, if another reference follows before anything
; reads there: what was there then goes elsewhere while it still stands in its old place. Nothing may read that before
; it is written again, in the same block.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @anything()
@left = global ptr addrspace(77) null
@right = global ptr addrspace(77) null
@type = external global i8

define void @good_exchange() {
  %l = load ptr addrspace(77), ptr @left
  %r = load ptr addrspace(77), ptr @right
  store ptr addrspace(77) %r, ptr @left
  store ptr addrspace(77) %l, ptr @right
  ret void
}

define void @good_fields(ptr addrspace(77) %p) {
  %at = getelementptr i8, ptr addrspace(77) %p, i64 8
  %l = load ptr addrspace(77), ptr addrspace(77) %p
  %r = load ptr addrspace(77), ptr addrspace(77) %at
  store ptr addrspace(77) %r, ptr addrspace(77) %p
  %n = load i64, ptr addrspace(77) %r
  store ptr addrspace(77) %l, ptr addrspace(77) %at
  ret void
}

; Negative: both have it where the function ends.
; CHECK: stays: no unit: %r is stored, but this function has no unit of it: it was read
define void @stays() {
  %l = load ptr addrspace(77), ptr @left
  %r = load ptr addrspace(77), ptr @right
  store ptr addrspace(77) %r, ptr @left
  call void @cairn.ref.decref(ptr addrspace(77) %l)
  ret void
}

; Negative: a call may read it.
; CHECK-NEXT: called: no unit: %r is stored, but this function has no unit of it: it was read
define void @called() {
  %l = load ptr addrspace(77), ptr @left
  %r = load ptr addrspace(77), ptr @right
  store ptr addrspace(77) %r, ptr @left
  call void @anything()
  store ptr addrspace(77) %l, ptr @right
  ret void
}

; Negative: it is read, or may be.
; CHECK-NEXT: read: no unit: %r is stored, but this function has no unit of it: it was read
define ptr addrspace(77) @read(ptr %somewhere) {
  %l = load ptr addrspace(77), ptr @left
  %r = load ptr addrspace(77), ptr @right
  store ptr addrspace(77) %r, ptr @left
  %s = load ptr addrspace(77), ptr %somewhere
  store ptr addrspace(77) %l, ptr @right
  call void @cairn.ref.incref(ptr addrspace(77) %s)
  ret ptr addrspace(77) %s
}

; Negative: it is not written in each successor.
; CHECK-NEXT: branched: no unit: %r is stored, but this function has no unit of it: it was read
define void @branched(i1 %c) {
entry:
  %l = load ptr addrspace(77), ptr @left
  %r = load ptr addrspace(77), ptr @right
  store ptr addrspace(77) %r, ptr @left
  br i1 %c, label %write, label %end

write:
  store ptr addrspace(77) %l, ptr @right
  br label %end

end:
  ret void
}

; Negative: another store may be to the same place, and is not what follows.
; CHECK-NEXT: elsewhere: no unit: a reference was stored that this function has no unit of
define void @elsewhere(ptr addrspace(77) %p, ptr addrspace(77) %q, ptr addrspace(77) "cairn-owned" %new) {
  %at = getelementptr i8, ptr addrspace(77) %p, i64 8
  %there = getelementptr i8, ptr addrspace(77) %q, i64 8
  %old = load ptr addrspace(77), ptr addrspace(77) %there
  %l = load ptr addrspace(77), ptr addrspace(77) %p
  %r = load ptr addrspace(77), ptr addrspace(77) %at
  store ptr addrspace(77) %r, ptr addrspace(77) %p
  store ptr addrspace(77) %new, ptr addrspace(77) %there
  store ptr addrspace(77) %l, ptr addrspace(77) %at
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  ret void
}

; Negative: a release may run a finaliser that reads it.
; CHECK-NEXT: released: no unit: %r is stored, but this function has no unit of it: it was read
define void @released(ptr addrspace(77) "cairn-owned" %other) {
  %l = load ptr addrspace(77), ptr @left
  %r = load ptr addrspace(77), ptr @right
  store ptr addrspace(77) %r, ptr @left
  call void @cairn.ref.decref(ptr addrspace(77) %other)
  store ptr addrspace(77) %l, ptr @right
  ret void
}

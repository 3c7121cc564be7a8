; What is left of counts and allocations is told, with what it costs: ten times as much for each loop, and nothing
; where it is done for shared objects only.
; RUN: %opt -passes=cairn-left -disable-output -pass-remarks-output=%t -pass-remarks-filter=cairn-left %s && FileCheck %s --input-file=%t
; RUN: %opt -passes=cairn-left -disable-output -pass-remarks-analysis=cairn-left %s 2>&1 | FileCheck %s --check-prefix=TEXT

; CHECK-LABEL: Name: Retain
; CHECK: Function: loop
; CHECK: Cost: '10'
; CHECK-LABEL: Name: Allocate
; CHECK: Cost: '2'
; CHECK-LABEL: Name: Function
; CHECK: Function: loop
; CHECK: Cost: '12'
; CHECK-LABEL: Name: Reuse
; CHECK: Function: unique
; CHECK: Cost: '0'
; CHECK-LABEL: Name: Release
; CHECK: Cost: '0'
; CHECK-LABEL: Name: Function
; CHECK: Function: unique
; CHECK: Cost: '0'
; CHECK-LABEL: Name: Release
; CHECK: Function: recursion
; CHECK: Cost: '10'
; TEXT: a reference is retained, in a loop
; TEXT: an object is allocated
; TEXT: an object is made in the memory of one that dies
; TEXT: a reference is released, only where an object has other owners
; TEXT: a reference is released, in a recursion

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@leaf = internal global %type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.last(ptr, i32, i32)
declare ptr @cairn.reuse.cell(ptr, i32, i32, i32, i1)

define ptr @loop(ptr %p, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  call void @cairn.incref(ptr %p)
  %next = add i64 %i, 1
  %again = icmp ult i64 %next, %n
  br i1 %again, label %loop, label %end
end:
  %made = call ptr @cairn.alloc(ptr @leaf)
  ret ptr %made
}

define ptr @unique(ptr %p) {
  %last = call i1 @cairn.is.last(ptr %p, i32 1, i32 -1)
  br i1 %last, label %yes, label %no
yes:
  %new = call ptr @cairn.reuse.cell(ptr %p, i32 1, i32 1, i32 0, i1 true)
  ret ptr %new
no:
  call void @cairn.decref(ptr %p)
  ret ptr null
}

define void @recursion(ptr %p, i64 %n) {
  %end = icmp eq i64 %n, 0
  br i1 %end, label %done, label %more
more:
  %less = sub i64 %n, 1
  call void @recursion(ptr %p, i64 %less)
  br label %done
done:
  call void @cairn.decref(ptr %p)
  ret void
}

; A cell's field is read behind a call of the function itself where it is used there only, and the result of a first
; such call waits in a field that was used up: the frame has to keep the cell alone.
; RUN: %opt -passes=cairn-spill,verify -pass-remarks=cairn-spill -pass-remarks-missed=cairn-spill -S %s 2>%t \
; RUN:   | FileCheck %s
; RUN: FileCheck --check-prefix=REMARK %s <%t

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare i1 @look(ptr addrspace(77), ptr addrspace(77))

; The two fields are references. Where the object is made again, its left field holds %a already.
; REMARK: the result waits in the memory of an object that is taken apart for the call of both
; CHECK-LABEL: @both(
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.own.cell(
; CHECK: [[LEFT:%.*]] = load ptr addrspace(77), ptr addrspace(77) [[CELL]]
; CHECK: [[A:%.*]] = call ptr addrspace(77) @both(ptr addrspace(77) [[LEFT]])
; CHECK-NEXT: store ptr addrspace(77) [[A]], ptr addrspace(77) [[CELL]]
; CHECK: [[RIGHT:%.*]] = load ptr addrspace(77), ptr addrspace(77) %at
; CHECK: call ptr addrspace(77) @both(ptr addrspace(77) [[RIGHT]])
; CHECK-NEXT: [[AGAIN:%.*]] = load ptr addrspace(77), ptr addrspace(77) [[CELL]]
; CHECK: call i1 @look(ptr addrspace(77) [[AGAIN]]
; CHECK: call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) [[CELL]], i32 -2113929213, i32 -2113929213, i32 1, i1 false)
; CHECK-NOT: store ptr addrspace(77) [[AGAIN]]
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) [[AGAIN]])
define ptr addrspace(77) @both(ptr addrspace(77) "cairn-owned" %x) nounwind "cairn-counts-inserted" {
  %null = icmp eq ptr addrspace(77) %x, null
  br i1 %null, label %leaf, label %node
node:
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %at = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 8
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  %a = call ptr addrspace(77) @both(ptr addrspace(77) %left)
  %b = call ptr addrspace(77) @both(ptr addrspace(77) %right)
  %keep = call i1 @look(ptr addrspace(77) %a, ptr addrspace(77) %b)
  br i1 %keep, label %make, label %drop
make:
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 0, i1 false)
  store ptr addrspace(77) %a, ptr addrspace(77) %new
  %to = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %b, ptr addrspace(77) %to
  ret ptr addrspace(77) %new
drop:
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret ptr addrspace(77) %b
leaf:
  ret ptr addrspace(77) %x
}

; Negative: the new object keeps what the fields hold.
; REMARK: the result waits in the frame for a recursion
; CHECK-LABEL: @kept(
; CHECK: [[A:%.*]] = call ptr addrspace(77) @kept(
; CHECK-NEXT: [[B:%.*]] = call ptr addrspace(77) @kept(
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) [[A]])
define ptr addrspace(77) @kept(ptr addrspace(77) "cairn-owned" %x) nounwind "cairn-counts-inserted" {
  %null = icmp eq ptr addrspace(77) %x, null
  br i1 %null, label %leaf, label %node
node:
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %a = call ptr addrspace(77) @kept(ptr addrspace(77) null)
  %b = call ptr addrspace(77) @kept(ptr addrspace(77) null)
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 3, i1 false)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret ptr addrspace(77) %new
leaf:
  ret ptr addrspace(77) %x
}

; Negative: what the fields held is used behind the second call.
; CHECK-LABEL: @needed(
; CHECK: [[A:%.*]] = call ptr addrspace(77) @needed(
; CHECK-NOT: store ptr addrspace(77) [[A]]
; CHECK: [[B:%.*]] = call ptr addrspace(77) @needed(
; CHECK-NEXT: load ptr addrspace(77), ptr addrspace(77) %at
; CHECK-NEXT: load ptr addrspace(77), ptr addrspace(77) %cell
; CHECK: store ptr addrspace(77) [[A]], ptr addrspace(77) [[B]]
define ptr addrspace(77) @needed(ptr addrspace(77) "cairn-owned" %x) nounwind "cairn-counts-inserted" {
  %null = icmp eq ptr addrspace(77) %x, null
  br i1 %null, label %leaf, label %node
node:
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %at = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 8
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  %a = call ptr addrspace(77) @needed(ptr addrspace(77) null)
  %b = call ptr addrspace(77) @needed(ptr addrspace(77) null)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  %seen = call i1 @look(ptr addrspace(77) %left, ptr addrspace(77) %right)
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  store ptr addrspace(77) %a, ptr addrspace(77) %b
  ret ptr addrspace(77) %b
leaf:
  ret ptr addrspace(77) null
}

; Negative: the call that does not come back here is no reason to read late, and nothing moves over a landing pad.
; CHECK-LABEL: @unwinds(
; CHECK: [[LEFT:%.*]] = load
; CHECK: [[RIGHT:%.*]] = load
; CHECK: invoke ptr addrspace(77) @unwinds(ptr addrspace(77) [[LEFT]])
; CHECK: invoke ptr addrspace(77) @unwinds(ptr addrspace(77) [[RIGHT]])
define ptr addrspace(77) @unwinds(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" personality ptr @personality {
  %cell = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %x, i32 -2113929213)
  %at = getelementptr inbounds i8, ptr addrspace(77) %cell, i64 8
  %left = load ptr addrspace(77), ptr addrspace(77) %cell
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  %seen = call i1 @look(ptr addrspace(77) null, ptr addrspace(77) null)
  %a = invoke ptr addrspace(77) @unwinds(ptr addrspace(77) %left) to label %first unwind label %pad1
first:
  %b = invoke ptr addrspace(77) @unwinds(ptr addrspace(77) %right) to label %second unwind label %pad2
second:
  %new = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %cell, i32 -2113929213, i32 -2113929213, i32 0, i1 false)
  store ptr addrspace(77) %a, ptr addrspace(77) %new
  %to = getelementptr inbounds i8, ptr addrspace(77) %new, i64 8
  store ptr addrspace(77) %b, ptr addrspace(77) %to
  ret ptr addrspace(77) %new
pad1:
  %p1 = landingpad { ptr, i32 } cleanup
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %right)
  resume { ptr, i32 } %p1
pad2:
  %p2 = landingpad { ptr, i32 } cleanup
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  resume { ptr, i32 } %p2
}
declare i32 @personality(...)

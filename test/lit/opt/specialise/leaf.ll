; The release of an object of which a test found that it has no fields looks at the header first as well, if another
; arm takes the object apart: where it is the last reference, its memory is given back at once.
; RUN: %opt -passes=cairn-specialise,verify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@both = internal constant [2 x i32] [i32 0, i32 8]
@number = internal global %cairn_type { i32 8, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
@sum = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr addrspace(77) @cairn.ref.alloc.tagged(ptr, i8)
declare void @cairn.ref.decref(ptr addrspace(77))
declare i8 @cairn.ref.tag(ptr addrspace(77))
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))

define void @make() "cairn-counts-inserted" {
  %n = call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
  %s = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @sum, i8 2)
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  ret void
}

; CHECK-LABEL: @leaf(
; CHECK: number:
; CHECK: [[LAST:%.*]] = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2130706432, i32 -16711681)
; CHECK-NEXT: br i1 [[LAST]]
; CHECK: [[CELL:%.*]] = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2130706432)
; CHECK-NEXT: call void @cairn.ref.free.cell(ptr addrspace(77) [[CELL]])
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %x)
; Negative: nothing is known of an object of another tag.
; CHECK: other:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %x)
define i64 @leaf(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %x)
  switch i8 %tag, label %other [
    i8 0, label %number
    i8 2, label %sum
  ]
number:
  %v = load i64, ptr addrspace(77) %x
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 %v
other:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 0
sum:
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929213, i32 -16711681)
  br i1 %last, label %take, label %other
take:
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  %at = getelementptr i8, ptr addrspace(77) %x, i64 8
  %r = load ptr addrspace(77), ptr addrspace(77) %at
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929213)
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %l)
  call void @cairn.ref.decref(ptr addrspace(77) %r)
  ret i64 1
}

; Negative: no other arm takes the object apart, and it may be one that many have.
; CHECK-LABEL: @alone(
; CHECK-NOT: is.last
; CHECK: ret
define i64 @alone(ptr addrspace(77) "cairn-owned" %x) "cairn-counts-inserted" {
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %x)
  %is = icmp eq i8 %tag, 0
  br i1 %is, label %number, label %other
number:
  %v = load i64, ptr addrspace(77) %x
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 %v
other:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  ret i64 0
}

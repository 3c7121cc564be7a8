; An object that a function makes, fills, reads and releases, and shows to nobody, is values in registers.
; RUN: %opt -passes='cairn-registers,verify' -pass-remarks=cairn-registers -pass-remarks-missed=cairn-registers -S %s 2>&1 | FileCheck %s

; CHECK: remark: {{.*}}an object that stays in the function became values in registers
; CHECK: remark: {{.*}}an object that is released here is allocated: it is passed to a call
; CHECK: remark: {{.*}}an object that is released here is allocated: it has more than one count
; CHECK: remark: {{.*}}an object that is released here is allocated: its type has a finaliser

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@pair.fields = internal constant [1 x i32] [i32 0]
@pair = internal global %type { i32 16, i16 8, i16 1, i32 -2113929215, i32 0, ptr @pair.fields, ptr null, ptr null }
@final = internal global %type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @pair.fields, ptr @done, ptr null }
declare void @done(ptr)
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr addrspace(77) @cairn.ref.alloc.tagged(ptr, i8)
declare i8 @cairn.ref.tag(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare void @look(ptr addrspace(77))

; Where the object was released, what it referred to is.
; CHECK-LABEL: @fields(
; CHECK-NEXT: %t64 = zext i8 4 to i64
; CHECK-NEXT: %w = add i64 %n, %t64
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %v)
; CHECK-NEXT: ret i64 %w
define i64 @fields(ptr addrspace(77) "cairn-owned" %v, i64 %n) "cairn-counts-inserted" {
  %a = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @pair, i8 4)
  store ptr addrspace(77) %v, ptr addrspace(77) %a
  %at = getelementptr i8, ptr addrspace(77) %a, i64 8
  store i64 %n, ptr addrspace(77) %at
  %t = call i8 @cairn.ref.tag(ptr addrspace(77) %a)
  %t64 = zext i8 %t to i64
  %m = load i64, ptr addrspace(77) %at
  %w = add i64 %m, %t64
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret i64 %w
}

; A field that was not stored is null, and each round of a loop has an object of its own.
; CHECK-LABEL: @loop(
; CHECK: loop:
; CHECK-NOT: cairn.ref.alloc
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) null)
define i64 @loop(i64 %n) "cairn-counts-inserted" {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %j, %loop ]
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  %at = getelementptr i8, ptr addrspace(77) %a, i64 8
  store i64 %i, ptr addrspace(77) %at
  %k = load i64, ptr addrspace(77) %at
  %j = add i64 %k, 1
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  %more = icmp ult i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  ret i64 %j
}

; One that only another of them refers to; and a specialised release.
; CHECK-LABEL: @nested(
; CHECK-NOT: cairn.ref.{{alloc|take|free}}
; CHECK: br i1 true
; CHECK-NOT: cairn.ref.{{alloc|take|free}}
; CHECK: ret i64 %n
define i64 @nested(i64 %n) "cairn-counts-inserted" {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  %b = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  store ptr addrspace(77) %a, ptr addrspace(77) %b
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %b, i32 -2113929215, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %b, i32 -2113929215)
  %x = load ptr addrspace(77), ptr addrspace(77) %cell
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell)
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %end
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  br label %end
end:
  ret i64 %n
}

; Negative: somebody else looks at it.
; CHECK-LABEL: @shown(
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
define void @shown() "cairn-counts-inserted" {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  call void @look(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Negative: it is not known which release is the last.
; CHECK-LABEL: @counted(
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
define void @counted() "cairn-counts-inserted" {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  call void @cairn.ref.incref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Negative: its finaliser has to run.
; CHECK-LABEL: @finalised(
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(ptr @final)
define void @finalised() "cairn-counts-inserted" {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @final)
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

; Before there are counts, there is no release, and there will be none.
; CHECK-LABEL: @uncounted(
; CHECK-NEXT: call void @look(ptr addrspace(77) %v)
; CHECK-NEXT: ret void
define void @uncounted(ptr addrspace(77) %v) {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  store ptr addrspace(77) %v, ptr addrspace(77) %a
  %w = load ptr addrspace(77), ptr addrspace(77) %a
  call void @look(ptr addrspace(77) %w)
  ret void
}

; Negative: with counts, somebody else has to release it.
; CHECK-LABEL: @unreleased(
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
define void @unreleased(ptr addrspace(77) %v) "cairn-counts-inserted" {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  store ptr addrspace(77) %v, ptr addrspace(77) %a
  ret void
}

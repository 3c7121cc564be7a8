; A walk through what the function itself owns, and uses again, counts nothing: each use of the φ
; is a use of the root, which is released after the last one.
; RUN: %opt -passes='cairn-insert<O2>,verify,cairn-certify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare i1 @cond()
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@node = external global i8

; The list is returned, so it lives on.
; CHECK-LABEL: @again(
; CHECK-NOT: cairn.ref
; CHECK: ret ptr addrspace(77) %list
define ptr addrspace(77) @again(i64 %key) {
entry:
  %list = call ptr addrspace(77) @make()
  br label %loop
loop:
  %l = phi ptr addrspace(77) [ %list, %entry ], [ %next, %body ]
  %end = icmp eq ptr addrspace(77) %l, null
  br i1 %end, label %done, label %body
body:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  br label %loop
done:
  ret ptr addrspace(77) %list
}

; It starts at a field of what is held.
; CHECK-LABEL: @field(
; CHECK: body:
; CHECK-NEXT: %next = load
; CHECK-NEXT: br label %loop
; CHECK: done:
; CHECK-NEXT: %at = getelementptr
; CHECK-NEXT: %v = load i64
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %holder)
; CHECK-NEXT: ret i64
define i64 @field() {
entry:
  %holder = call ptr addrspace(77) @make()
  %list = load ptr addrspace(77), ptr addrspace(77) %holder
  br label %loop
loop:
  %l = phi ptr addrspace(77) [ %list, %entry ], [ %next, %body ]
  %end = icmp eq ptr addrspace(77) %l, null
  br i1 %end, label %done, label %body
body:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  br label %loop
done:
  %at = getelementptr i8, ptr addrspace(77) %holder, i64 8
  %v = load i64, ptr addrspace(77) %at
  ret i64 %v
}

; A count of what is lent is added where one is taken: on one way only.
; CHECK-LABEL: @taken(
; CHECK: %list = load
; CHECK-NEXT: br i1 %c, label %keep, label %done
; CHECK: keep:
; CHECK-NEXT: %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %list)
; CHECK-NEXT: store ptr addrspace(77) %list, ptr addrspace(77) %new
; CHECK: done:
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %holder)
define ptr addrspace(77) @taken(i1 %c) {
entry:
  %holder = call ptr addrspace(77) @make()
  %list = load ptr addrspace(77), ptr addrspace(77) %holder
  br i1 %c, label %keep, label %done
keep:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %list, ptr addrspace(77) %new
  br label %done
done:
  %r = phi ptr addrspace(77) [ %new, %keep ], [ null, %entry ]
  %at = getelementptr i8, ptr addrspace(77) %holder, i64 8
  %v = load i64, ptr addrspace(77) %at
  ret ptr addrspace(77) %r
}

; On an edge, the count is added before the holder can be released.
; CHECK-LABEL: @edge(
; CHECK: entry.counts:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: br label %join
; CHECK: join:
; CHECK: call void @use(ptr addrspace(77) %holder)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %holder)
define ptr addrspace(77) @edge(i1 %c) {
entry:
  %holder = call ptr addrspace(77) @make()
  %f = load ptr addrspace(77), ptr addrspace(77) %holder
  br i1 %c, label %other, label %join
other:
  %m = call ptr addrspace(77) @make()
  br label %join
join:
  %r = phi ptr addrspace(77) [ %f, %entry ], [ %m, %other ]
  call void @use(ptr addrspace(77) %holder)
  ret ptr addrspace(77) %r
}

; Two roots, both there at the φ and after it. No field lends them, so it may be overwritten.
; CHECK-LABEL: @roots(
; CHECK: join:
; CHECK-NEXT: %p = phi
; CHECK-NEXT: call void @use(ptr addrspace(77) %p)
; CHECK-NEXT: call void @use(ptr addrspace(77) %a)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %a)
; CHECK-NEXT: call void @use(ptr addrspace(77) %b)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %b)
; CHECK-NEXT: ret void
define void @roots(i1 %c) {
entry:
  %a = call ptr addrspace(77) @make()
  %b = call ptr addrspace(77) @make()
  br i1 %c, label %other, label %join
other:
  br label %join
join:
  %p = phi ptr addrspace(77) [ %a, %entry ], [ %b, %other ]
  call void @use(ptr addrspace(77) %p)
  call void @use(ptr addrspace(77) %a)
  call void @use(ptr addrspace(77) %b)
  ret void
}

; Negative: the walk is the list's last use. It moves into the φ, and each step frees a cell.
; CHECK-LABEL: @consumed(
; CHECK: body:
; CHECK-NEXT: %next = load ptr addrspace(77), ptr addrspace(77) %l
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %next)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %l)
define void @consumed() {
entry:
  %list = call ptr addrspace(77) @make()
  br label %loop
loop:
  %l = phi ptr addrspace(77) [ %list, %entry ], [ %next, %body ]
  %end = icmp eq ptr addrspace(77) %l, null
  br i1 %end, label %done, label %body
body:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  br label %loop
done:
  ret void
}

; Negative: a call in the loop may overwrite the field that lends.
; CHECK-LABEL: @written(
; CHECK: body:
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %next)
define ptr addrspace(77) @written() {
entry:
  %list = call ptr addrspace(77) @make()
  br label %loop
loop:
  %l = phi ptr addrspace(77) [ %list, %entry ], [ %next, %body ]
  %end = icmp eq ptr addrspace(77) %l, null
  br i1 %end, label %done, label %body
body:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  call void @use(ptr addrspace(77) null)
  br label %loop
done:
  ret ptr addrspace(77) %list
}

; Negative: the root is made in each round, and is not there where the φ is.
; CHECK-LABEL: @inside(
; CHECK: body:
; CHECK: call void @cairn.ref.incref(ptr addrspace(77) %next)
define void @inside() {
entry:
  br label %loop
loop:
  %l = phi ptr addrspace(77) [ null, %entry ], [ %next, %body ]
  %more = call i1 @cond()
  br i1 %more, label %body, label %done
body:
  %new = call ptr addrspace(77) @make()
  %next = load ptr addrspace(77), ptr addrspace(77) %new
  %v = load i64, ptr addrspace(77) %new
  br label %loop
done:
  ret void
}

; Negative: only a plain pointer says where the object is, and nobody knows for how long.
; CHECK-LABEL: @plain(
; CHECK: %f = load ptr addrspace(77), ptr addrspace(77) %r
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
declare ptr @look.up() memory(none)
define i64 @plain() {
  %p = call ptr @look.up()
  %r = addrspacecast ptr %p to ptr addrspace(77)
  %f = load ptr addrspace(77), ptr addrspace(77) %r
  call void @use(ptr addrspace(77) null)
  %v = load i64, ptr addrspace(77) %f
  %w = load i64, ptr addrspace(77) %r
  ret i64 %v
}

; Negative: the object would live during a call only for what it lends.
; CHECK-LABEL: @longer(
; CHECK: %f = load ptr addrspace(77), ptr addrspace(77) %m
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %f)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
declare i64 @read(ptr addrspace(77)) memory(read)
define i64 @longer() {
  %m = call ptr addrspace(77) @make()
  %f = load ptr addrspace(77), ptr addrspace(77) %m
  %v = call i64 @read(ptr addrspace(77) %f)
  ret i64 %v
}

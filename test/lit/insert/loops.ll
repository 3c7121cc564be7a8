; A loop that walks a list holds one node, whatever its shape; one that builds a list moves it.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

@node = external global i8
declare ptr addrspace(77) @cairn.ref.alloc(ptr)

; CHECK-LABEL: @walk(
; CHECK: entry:
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %list)
; CHECK-NEXT: br label %loop
; CHECK: loop:
; CHECK-NEXT: %l = phi ptr addrspace(77) [ %list, %entry ], [ %next, %body ]
; CHECK-NEXT: %n = phi i64 [ 0, %entry ], [ %n1, %body ]
; CHECK-NEXT: %end = icmp eq ptr addrspace(77) %l, null
; CHECK-NEXT: br i1 %end, label %done, label %body
; CHECK: body:
; CHECK-NEXT: %n1 = add i64 %n, 1
; CHECK-NEXT: %next = load ptr addrspace(77), ptr addrspace(77) %l
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %next)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %l)
; CHECK-NEXT: br label %loop
; CHECK: done:
; CHECK-NEXT: ret i64 %n
define i64 @walk(ptr addrspace(77) %list) {
entry:
  br label %loop
loop:
  %l = phi ptr addrspace(77) [ %list, %entry ], [ %next, %body ]
  %n = phi i64 [ 0, %entry ], [ %n1, %body ]
  %end = icmp eq ptr addrspace(77) %l, null
  br i1 %end, label %done, label %body
body:
  %n1 = add i64 %n, 1
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  br label %loop
done:
  ret i64 %n
}

; CHECK-LABEL: @build(
; CHECK: entry:
; CHECK-NEXT: br label %loop
; CHECK: loop:
; CHECK-NEXT: %list = phi ptr addrspace(77) [ null, %entry ], [ %node, %loop ]
; CHECK-NEXT: %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
; CHECK-NEXT: %node = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
; CHECK-NEXT: store ptr addrspace(77) %list, ptr addrspace(77) %node
; CHECK-NEXT: %i1 = add i64 %i, 1
; CHECK-NEXT: %more = icmp ult i64 %i1, %n
; CHECK-NEXT: br i1 %more, label %loop, label %done
; CHECK: done:
; CHECK-NEXT: ret ptr addrspace(77) %node
define ptr addrspace(77) @build(i64 %n) {
entry:
  br label %loop
loop:
  %list = phi ptr addrspace(77) [ null, %entry ], [ %node, %loop ]
  %i = phi i64 [ 0, %entry ], [ %i1, %loop ]
  %node = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %list, ptr addrspace(77) %node
  %i1 = add i64 %i, 1
  %more = icmp ult i64 %i1, %n
  br i1 %more, label %loop, label %done
done:
  ret ptr addrspace(77) %node
}

; Two ways into the loop: irreducible.
; CHECK-LABEL: @irreducible(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: br i1 %c, label %a, label %b
; CHECK: a:
; CHECK-NEXT: %ca = call i1 @cond()
; CHECK-NEXT: br i1 %ca, label %b, label %done
; CHECK: b:
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: %cb = call i1 @cond()
; CHECK-NEXT: br i1 %cb, label %a, label %done
; CHECK: done:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @irreducible(i1 %c) {
entry:
  %m = call ptr addrspace(77) @make()
  br i1 %c, label %a, label %b
a:
  %ca = call i1 @cond()
  br i1 %ca, label %b, label %done
b:
  call void @use(ptr addrspace(77) %m)
  %cb = call i1 @cond()
  br i1 %cb, label %a, label %done
done:
  ret void
}

; What is defined in the loop dies in it.
; CHECK-LABEL: @inside(
; CHECK: entry:
; CHECK-NEXT: br label %loop
; CHECK: loop:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: %more = call i1 @cond()
; CHECK-NEXT: br i1 %more, label %loop, label %done
; CHECK: done:
; CHECK-NEXT: ret void
define void @inside() {
entry:
  br label %loop
loop:
  %m = call ptr addrspace(77) @make()
  call void @use(ptr addrspace(77) %m)
  %more = call i1 @cond()
  br i1 %more, label %loop, label %done
done:
  ret void
}

; Negative: a loop that never ends keeps what it uses, and only that.
; CHECK-LABEL: @endless(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %dead = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %dead)
; CHECK-NEXT: br label %loop
; CHECK: loop:
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: br label %loop
define void @endless() {
entry:
  %m = call ptr addrspace(77) @make()
  %dead = call ptr addrspace(77) @make()
  br label %loop
loop:
  call void @use(ptr addrspace(77) %m)
  br label %loop
}

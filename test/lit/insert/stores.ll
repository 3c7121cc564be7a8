; A store takes a unit of the new value, releases the old one after it, and shares the new one if the
; object is shared. The first store into an object that nobody else knows does none of the latter.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

@node = external global i8
@global = global ptr addrspace(77) null
declare ptr addrspace(77) @cairn.ref.alloc(ptr)

; CHECK-LABEL: @overwrite(
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %v)
; CHECK-NEXT: %old = load ptr addrspace(77), ptr addrspace(77) %o
; CHECK-NEXT: call void @cairn.ref.share.into(ptr addrspace(77) %o, ptr addrspace(77) %v)
; CHECK-NEXT: store ptr addrspace(77) %v, ptr addrspace(77) %o
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
; CHECK-NEXT: ret void
define void @overwrite(ptr addrspace(77) %o, ptr addrspace(77) %v) {
  store ptr addrspace(77) %v, ptr addrspace(77) %o
  ret void
}

; CHECK-LABEL: @clear(
; CHECK-NEXT: %old = load ptr addrspace(77), ptr addrspace(77) %o
; CHECK-NEXT: store ptr addrspace(77) null, ptr addrspace(77) %o
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
; CHECK-NEXT: ret void
define void @clear(ptr addrspace(77) %o) {
  store ptr addrspace(77) null, ptr addrspace(77) %o
  ret void
}

; CHECK-LABEL: @first(
; CHECK-NEXT: %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %v)
; CHECK-NEXT: store ptr addrspace(77) %v, ptr addrspace(77) %o
; CHECK-NEXT: ret ptr addrspace(77) %o
define ptr addrspace(77) @first(ptr addrspace(77) %v) {
  %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %v, ptr addrspace(77) %o
  ret ptr addrspace(77) %o
}

; The second one has something to release, and still nothing to share.
; CHECK-LABEL: @second(
; CHECK-NEXT: %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %v)
; CHECK-NEXT: store ptr addrspace(77) %v, ptr addrspace(77) %o
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %w)
; CHECK-NEXT: %old = load ptr addrspace(77), ptr addrspace(77) %o
; CHECK-NEXT: store ptr addrspace(77) %w, ptr addrspace(77) %o
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
; CHECK-NEXT: ret ptr addrspace(77) %o
define ptr addrspace(77) @second(ptr addrspace(77) %v, ptr addrspace(77) %w) {
  %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %v, ptr addrspace(77) %o
  store ptr addrspace(77) %w, ptr addrspace(77) %o
  ret ptr addrspace(77) %o
}

; Another field.
; CHECK-LABEL: @fields(
; CHECK-NEXT: %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %v)
; CHECK-NEXT: store ptr addrspace(77) %v, ptr addrspace(77) %o
; CHECK-NEXT: %f = getelementptr i8, ptr addrspace(77) %o, i64 8
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %w)
; CHECK-NEXT: store ptr addrspace(77) %w, ptr addrspace(77) %f
; CHECK-NEXT: ret ptr addrspace(77) %o
define ptr addrspace(77) @fields(ptr addrspace(77) %v, ptr addrspace(77) %w) {
  %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %v, ptr addrspace(77) %o
  %f = getelementptr i8, ptr addrspace(77) %o, i64 8
  store ptr addrspace(77) %w, ptr addrspace(77) %f
  ret ptr addrspace(77) %o
}

; What a global holds is overwritten, too; the program shares what it publishes.
; CHECK-LABEL: @publish(
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %v)
; CHECK-NEXT: %old = load ptr addrspace(77), ptr @global
; CHECK-NEXT: store ptr addrspace(77) %v, ptr @global
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
; CHECK-NEXT: ret void
define void @publish(ptr addrspace(77) %v) {
  store ptr addrspace(77) %v, ptr @global
  ret void
}

; Negative: it escaped before.
; CHECK-LABEL: @escaped(
; CHECK-NEXT: %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
; CHECK-NEXT: call void @use(ptr addrspace(77) %o)
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %v)
; CHECK-NEXT: %old = load ptr addrspace(77), ptr addrspace(77) %o
; CHECK-NEXT: call void @cairn.ref.share.into(ptr addrspace(77) %o, ptr addrspace(77) %v)
; CHECK-NEXT: store ptr addrspace(77) %v, ptr addrspace(77) %o
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
; CHECK-NEXT: ret ptr addrspace(77) %o
define ptr addrspace(77) @escaped(ptr addrspace(77) %v) {
  %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  call void @use(ptr addrspace(77) %o)
  store ptr addrspace(77) %v, ptr addrspace(77) %o
  ret ptr addrspace(77) %o
}

; Negative: in a loop, the store before was the first.
; CHECK-LABEL: @in.loop(
; CHECK: entry:
; CHECK-NEXT: %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
; CHECK-NEXT: br label %loop
; CHECK: loop:
; CHECK-NEXT: %v = call ptr addrspace(77) @make()
; CHECK-NEXT: %old = load ptr addrspace(77), ptr addrspace(77) %o
; CHECK-NEXT: store ptr addrspace(77) %v, ptr addrspace(77) %o
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %old)
; CHECK-NEXT: %more = call i1 @cond()
; CHECK-NEXT: br i1 %more, label %loop, label %done
; CHECK: done:
; CHECK-NEXT: ret ptr addrspace(77) %o
define ptr addrspace(77) @in.loop() {
entry:
  %o = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  br label %loop
loop:
  %v = call ptr addrspace(77) @make()
  store ptr addrspace(77) %v, ptr addrspace(77) %o
  %more = call i1 @cond()
  br i1 %more, label %loop, label %done
done:
  ret ptr addrspace(77) %o
}

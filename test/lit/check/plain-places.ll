; A frontend's own counts, in shapes of C++: a destructor releases what memory holds and leaves it there, a copy is
; stored before it is retained, and a variable whose address a call gets is memory. What stands in one place with a
; counted reference is one, too. A global is not destroyed: it may not keep what was released.
; RUN: not %certify --plain %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"

declare ptr @cairn.alloc(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare void @moves(ptr)
declare void @anything()
declare "cairn-owned" ptr @make()
@type = external global i8
@global = global ptr null

define void @good_destructor(ptr %this) {
  %p = load ptr, ptr %this
  call void @cairn.decref(ptr %p)
  ret void
}

define void @good_destroys_all(ptr %begin, ptr %end) {
entry:
  br label %each

each:
  %at = phi ptr [ %begin, %entry ], [ %next, %each ]
  %p = load ptr, ptr %at
  call void @cairn.decref(ptr %p)
  %next = getelementptr i8, ptr %at, i64 8
  %done = icmp eq ptr %next, %end
  br i1 %done, label %out, label %each

out:
  ret void
}

define void @good_copies(ptr %begin, ptr %end, ptr %from) {
entry:
  %p = load ptr, ptr %from
  br label %each

each:
  %at = phi ptr [ %begin, %entry ], [ %next, %each ]
  store ptr %p, ptr %at
  call void @cairn.incref(ptr %p)
  %next = getelementptr i8, ptr %at, i64 8
  %done = icmp eq ptr %next, %end
  br i1 %done, label %out, label %each

out:
  ret void
}

; The callee may move it out, and leave null.
define void @good_passed() {
  %v = alloca ptr
  %n = call ptr @make()
  store ptr %n, ptr %v
  call void @moves(ptr %v)
  %left = load ptr, ptr %v
  call void @cairn.decref(ptr %left)
  ret void
}

; Negative: the copy is not retained.
; CHECK: copies: no unit: %p is stored, but this function has no unit of it
define void @copies(ptr %to, ptr %from) {
  %p = load ptr, ptr %from
  call void @cairn.incref(ptr %p)
  store ptr %p, ptr %to
  %other = getelementptr i8, ptr %to, i64 8
  store ptr %p, ptr %other
  ret void
}

; Negative: a global keeps what was released, where the function ends or where it calls another.
; CHECK-NEXT: ends: used after its unit went: @global still holds %p, which was released, where the function ends
define void @ends() {
  %p = load ptr, ptr @global
  call void @cairn.decref(ptr %p)
  ret void
}

; CHECK-NEXT: calls: used after its unit went: this call may read @global, which still holds %p, which was released
define void @calls() {
  %p = load ptr, ptr @global
  call void @cairn.decref(ptr %p)
  call void @anything()
  store ptr null, ptr @global
  ret void
}

; Negative: what was there is never released. That it is a reference says the other one.
; CHECK-NEXT: replaces: lost unit: a unit of %old is lost where the function ends
define void @replaces(ptr "cairn-owned" %new) {
  %old = load ptr, ptr @global
  store ptr %new, ptr @global
  ret void
}

; A copy in a variable is retained after it was stored, too.
declare void @reads(ptr readonly)
define void @good_copy(ptr %from) {
  %v = alloca ptr
  %p = load ptr, ptr @global
  store ptr %p, ptr %v
  call void @cairn.incref(ptr %p)
  call void @reads(ptr %v)
  call void @cairn.decref(ptr %p)
  ret void
}

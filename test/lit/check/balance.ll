; Every unit is given back once on every path: not less often, not twice.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@type = external global i8
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @eat(ptr addrspace(77) "cairn-owned")

define void @good(i1 %c) {
entry:
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  br i1 %c, label %then, label %else
then:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  call void @eat(ptr addrspace(77) %p)
  br label %end
else:
  br label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: one path gives nothing back.
; CHECK: lost: lost unit: a unit of %p is lost where the path goes on; path: %entry -> %end: br i1 %c
define void @lost(i1 %c) {
entry:
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  br i1 %c, label %then, label %end
then:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

; Negative: one path gives back twice.
; CHECK-NEXT: twice: released twice: %p is released, but its unit went before on this path; path: %entry -> %then -> %end: call void @cairn.ref.decref(
define void @twice(i1 %c) {
entry:
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  br i1 %c, label %then, label %end
then:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: a borrowed parameter has no unit here.
; CHECK-NEXT: borrowed: no unit: %p is released, but this function has no unit of it: it is only borrowed
define void @borrowed(ptr addrspace(77) %p) {
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: an owned parameter has one.
; CHECK-NEXT: owned: lost unit: a unit of %p is lost where the function ends
define void @owned(ptr addrspace(77) "cairn-owned" %p) {
  ret void
}

; Negative: a use after the release.
; CHECK-NEXT: used: used after its unit went: nothing keeps %p alive here: its unit went before
define i64 @used() {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  %x = load i64, ptr addrspace(77) %p
  ret i64 %x
}

; Negative: a retain when the object may be gone.
; CHECK-NEXT: retained: used after its unit went: nothing keeps %p alive here
define void @retained() {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Two names that are one object on one path, and two static objects on the other, are one class where the paths join:
; static objects need no units. A comparison of them is not known there, and both of its edges are walked.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
@one = external global i64
@other = external global i64
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @get()

; CHECK: static: lost unit: a unit of %y is lost
define void @static(i1 %k) {
  br i1 %k, label %a, label %b
a:
  br label %both
b:
  %x = call ptr addrspace(77) @get()
  br label %both
both:
  %n = phi ptr addrspace(77) [ addrspacecast (ptr @one to ptr addrspace(77)), %a ], [ %x, %b ]
  %m = phi ptr addrspace(77) [ addrspacecast (ptr @other to ptr addrspace(77)), %a ], [ %x, %b ]
  %e = icmp eq ptr addrspace(77) %n, %m
  br i1 %e, label %equal, label %apart
equal:
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  ret void
apart:
  %y = call ptr addrspace(77) @get()
  ret void
}

; Negative: on both paths it is one object.
define void @good(i1 %k) {
  br i1 %k, label %a, label %b
a:
  %z = call ptr addrspace(77) @get()
  br label %both
b:
  %x = call ptr addrspace(77) @get()
  br label %both
both:
  %n = phi ptr addrspace(77) [ %z, %a ], [ %x, %b ]
  %m = phi ptr addrspace(77) [ %z, %a ], [ %x, %b ]
  %e = icmp eq ptr addrspace(77) %n, %m
  br i1 %e, label %equal, label %apart
equal:
  call void @cairn.ref.decref(ptr addrspace(77) %n)
  ret void
apart:
  %y = call ptr addrspace(77) @get()
  ret void
}

; A phi of a loop, or a select of vectors, is one of several references that are held elsewhere, and has no unit of its
; own. It lives as long as all of those do, whatever is stored or called in between: no field lends it.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))

declare void @writes()
declare i1 @again()

define void @good(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, i1 %c) {
start:
  br label %loop
loop:
  %p = phi ptr addrspace(77) [ %a, %start ], [ %b, %loop ]
  call void @writes()
  %n = load i64, ptr addrspace(77) %p
  %more = call i1 @again()
  br i1 %more, label %loop, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

; What an object's field holds as well is still one of the two after the field was written to.
define void @good_in_a_field(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b,
                             ptr addrspace(77) %holder) {
start:
  br label %loop
loop:
  %p = phi ptr addrspace(77) [ %a, %start ], [ %b, %loop ]
  %old = load ptr addrspace(77), ptr addrspace(77) %holder
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  store ptr addrspace(77) %p, ptr addrspace(77) %holder
  call void @cairn.ref.decref(ptr addrspace(77) %old)
  call void @writes()
  %n = load i64, ptr addrspace(77) %p
  %more = call i1 @again()
  br i1 %more, label %loop, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

define void @good_vectors(<2 x ptr addrspace(77)> "cairn-owned" %a, <2 x ptr addrspace(77)> "cairn-owned" %b,
                          <2 x i1> %c) {
  %v = select <2 x i1> %c, <2 x ptr addrspace(77)> %a, <2 x ptr addrspace(77)> %b
  %p = extractelement <2 x ptr addrspace(77)> %v, i64 1
  call void @writes()
  %n = load i64, ptr addrspace(77) %p
  %a0 = extractelement <2 x ptr addrspace(77)> %a, i64 0
  %a1 = extractelement <2 x ptr addrspace(77)> %a, i64 1
  %b0 = extractelement <2 x ptr addrspace(77)> %b, i64 0
  %b1 = extractelement <2 x ptr addrspace(77)> %b, i64 1
  call void @cairn.ref.decref(ptr addrspace(77) %a0)
  call void @cairn.ref.decref(ptr addrspace(77) %a1)
  call void @cairn.ref.decref(ptr addrspace(77) %b0)
  call void @cairn.ref.decref(ptr addrspace(77) %b1)
  ret void
}

; One of the two is released before.
; CHECK: released: used after its unit went: nothing keeps %p alive here
define void @released(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b, i1 %c) {
start:
  br i1 %c, label %loop, label %other
other:
  br label %loop
loop:
  %p = phi ptr addrspace(77) [ %a, %start ], [ %b, %other ]
  call void @writes()
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  %n = load i64, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret void
}

; What one of them was read from lends only as long as nobody writes.
; CHECK: read: used after its unit went: nothing keeps %p alive here
define void @read(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) %holder, i1 %c) {
start:
  %b = load ptr addrspace(77), ptr addrspace(77) %holder
  br i1 %c, label %join, label %other
other:
  br label %join
join:
  %p = phi ptr addrspace(77) [ %a, %start ], [ %b, %other ]
  call void @writes()
  %n = load i64, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  ret void
}

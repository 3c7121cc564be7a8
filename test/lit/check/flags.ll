; A function that owns a reference on some paths only may remember that in a flag or a number.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @borrow(ptr addrspace(77))

define void @good_flag(ptr addrspace(77) %p, i1 %c) {
entry:
  br i1 %c, label %take, label %mid
take:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %mid
mid:
  call void @borrow(ptr addrspace(77) %p)
  br i1 %c, label %give, label %end
give:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

define void @good_phi(ptr addrspace(77) %p, i1 %c) {
entry:
  br i1 %c, label %take, label %mid
take:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %mid
mid:
  %owned = phi i1 [ true, %take ], [ false, %entry ]
  call void @borrow(ptr addrspace(77) %p)
  br i1 %owned, label %give, label %end
give:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

define void @good_switch(ptr addrspace(77) %p, i32 %n) {
entry:
  switch i32 %n, label %mid [ i32 1, label %one
                              i32 2, label %two ]
two:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %one.too
one:
  br label %one.too
one.too:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %mid
mid:
  call void @borrow(ptr addrspace(77) %p)
  %is1 = icmp eq i32 %n, 1
  br i1 %is1, label %give1, label %not1
not1:
  %is2 = icmp eq i32 %n, 2
  br i1 %is2, label %give2, label %end
give2:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %give1
give1:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

; Taken in the first pass of a loop, and given back after it.
define void @good_once(ptr addrspace(77) %p, i1 %c) {
entry:
  br label %head
head:
  %have = phi i1 [ false, %entry ], [ true, %next ]
  br i1 %have, label %next, label %first
first:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %next
next:
  br i1 %c, label %head, label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; Negative: the flag is the other way round.
; CHECK: wrong: {{lost unit|no unit}}
define void @wrong(ptr addrspace(77) %p, i1 %c) {
entry:
  br i1 %c, label %take, label %mid
take:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %mid
mid:
  call void @borrow(ptr addrspace(77) %p)
  br i1 %c, label %end, label %give
give:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

; What LLVM makes of a loop that it peels: a phi of a flag that is itself a phi of constants.
define void @good_phi_of_phi(ptr addrspace(77) %p, i1 %c, i1 %d) {
entry:
  br i1 %c, label %take, label %mid
take:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %mid
mid:
  %first = phi i1 [ true, %take ], [ false, %entry ]
  call void @borrow(ptr addrspace(77) %p)
  br i1 %d, label %over, label %last
over:
  call void @borrow(ptr addrspace(77) %p)
  br label %last
last:
  %owned = phi i1 [ %first, %mid ], [ %first, %over ]
  br i1 %owned, label %give, label %end
give:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

; On one path the phi says something else.
; CHECK: other_phi_of_phi: lost unit: a unit of %p is lost
define void @other_phi_of_phi(ptr addrspace(77) %p, i1 %c, i1 %d) {
entry:
  br i1 %c, label %take, label %mid
take:
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  br label %mid
mid:
  %first = phi i1 [ true, %take ], [ false, %entry ]
  call void @borrow(ptr addrspace(77) %p)
  br i1 %d, label %over, label %last
over:
  call void @borrow(ptr addrspace(77) %p)
  br label %last
last:
  %owned = phi i1 [ %first, %mid ], [ false, %over ]
  br i1 %owned, label %give, label %end
give:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

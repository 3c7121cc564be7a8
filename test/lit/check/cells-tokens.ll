; On some paths there is a cell, on the others null: a phi carries it to where it is reused, or given back.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77), i32)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77), i32, i32, i32, i1)
declare void @cairn.ref.decref(ptr addrspace(77))
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
@type = internal global { i32, i16, i16, i32, i32, ptr, ptr, ptr } { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

; Null does nothing.
define void @good(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929216, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929216)
  br label %out
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %out
out:
  %token = phi ptr addrspace(77) [ %cell, %unique ], [ null, %shared ]
  call void @cairn.ref.free.cell(ptr addrspace(77) %token)
  ret void
}

; The new object is stored to where both paths have met again.
define ptr addrspace(77) @good_reuse(ptr addrspace(77) "cairn-owned" %x, ptr addrspace(77) "cairn-owned" %y) {
  %left = load ptr addrspace(77), ptr addrspace(77) %x
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929215, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929215)
  call void @cairn.ref.decref(ptr addrspace(77) %left)
  br label %out
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %out
out:
  %token = phi ptr addrspace(77) [ %cell, %unique ], [ null, %shared ]
  %none = icmp eq ptr addrspace(77) %token, null
  br i1 %none, label %fresh, label %again
again:
  %reused = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %token, i32 -2113929215, i32 -2113929215, i32 0, i1 true)
  br label %rest
fresh:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  br label %rest
rest:
  %object = phi ptr addrspace(77) [ %reused, %again ], [ %new, %fresh ]
  store ptr addrspace(77) %y, ptr addrspace(77) %object
  ret ptr addrspace(77) %object
}

; From one round to the next.
define void @good_loop(ptr addrspace(77) "cairn-owned" %first, i1 %c) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %first, i32 -2113929216, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %first, i32 -2113929216)
  br label %loop
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %first)
  br label %loop
loop:
  %token = phi ptr addrspace(77) [ %cell, %unique ], [ null, %shared ], [ %cell2, %rest ]
  %none = icmp eq ptr addrspace(77) %token, null
  br i1 %none, label %fresh, label %again
again:
  %reused = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %token, i32 -2113929216, i32 -2113929216, i32 0, i1 true)
  br label %rest
fresh:
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @type)
  br label %rest
rest:
  %object = phi ptr addrspace(77) [ %reused, %again ], [ %new, %fresh ]
  %cell2 = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %object, i32 -2113929216)
  br i1 %c, label %loop, label %out
out:
  call void @cairn.ref.free.cell(ptr addrspace(77) %cell2)
  ret void
}

; Negative: not given back where no object is made of it.
; CHECK: unused: lost unit: the cell %cell is lost
define ptr addrspace(77) @unused(ptr addrspace(77) "cairn-owned" %x, i1 %c) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929216, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929216)
  br label %out
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %out
out:
  %token = phi ptr addrspace(77) [ %cell, %unique ], [ null, %shared ]
  br i1 %c, label %make, label %none
make:
  call void @cairn.ref.free.cell(ptr addrspace(77) %token)
  br label %none
none:
  ret ptr addrspace(77) null
}

; Negative: the cell of one round is used in the next as well.
; CHECK-NEXT: loop: released twice: %token is made an object, but the cell went before on this path
define void @loop(ptr addrspace(77) "cairn-owned" %x, i1 %c) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929216, i32 -16711681)
  br i1 %last, label %unique, label %shared
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929216)
  br label %loop
shared:
  call void @cairn.ref.decref(ptr addrspace(77) %x)
  br label %loop
loop:
  %token = phi ptr addrspace(77) [ %cell, %unique ], [ null, %shared ], [ %token, %rest ]
  %none = icmp eq ptr addrspace(77) %token, null
  br i1 %none, label %rest, label %again
again:
  %reused = call ptr addrspace(77) @cairn.ref.reuse.cell(ptr addrspace(77) %token, i32 -2113929216, i32 -2113929216, i32 0, i1 true)
  call void @cairn.ref.decref(ptr addrspace(77) %reused)
  br label %rest
rest:
  br i1 %c, label %loop, label %out
out:
  ret void
}

; Negative: a cell on one path, an object on the other.
; CHECK-NEXT: mixed: wrong use of a cell: %both is given back, but it is no cell
define void @mixed(ptr addrspace(77) "cairn-owned" %x) {
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 -2113929216, i32 -16711681)
  br i1 %last, label %unique, label %out
unique:
  %cell = call ptr addrspace(77) @cairn.ref.take.cell(ptr addrspace(77) %x, i32 -2113929216)
  br label %out
out:
  %both = phi ptr addrspace(77) [ %cell, %unique ], [ %x, %0 ]
  call void @cairn.ref.free.cell(ptr addrspace(77) %both)
  ret void
}

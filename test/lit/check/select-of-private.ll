; What an object that nobody else knows holds is listed with it, and not with a select that it may be.
; So a load or store through the select is one of the object's, or of the other arm's.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@offsets = internal constant [1 x i32] [i32 0]
@pair = internal constant %type { i32 16, i16 8, i16 1, i32 -2147483647, i32 0, ptr @offsets, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare void @cairn.ref.incref(ptr addrspace(77))
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @keep(ptr addrspace(77))

; The question makes two states of the select. What was loaded is null in one of them, and lent by the
; other object in the other.
define void @good_asked(i1 %c, ptr addrspace(77) "cairn-owned" %q) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  %s = select i1 %c, ptr addrspace(77) %p, ptr addrspace(77) %q
  call void @cairn.ref.incref(ptr addrspace(77) %s)
  %v = load ptr addrspace(77), ptr addrspace(77) %s
  %last = call i1 @cairn.ref.is.last(ptr addrspace(77) %s, i32 -2147483647, i32 -16711681)
  br i1 %last, label %yes, label %no
yes:
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  br label %end
no:
  call void @cairn.ref.incref(ptr addrspace(77) %v)
  call void @cairn.ref.decref(ptr addrspace(77) %s)
  call void @cairn.ref.decref(ptr addrspace(77) %v)
  br label %end
end:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  call void @cairn.ref.decref(ptr addrspace(77) %q)
  ret void
}

; Negative: the store through the new object's own name goes over what was read through the select.
; CHECK: bad_overwritten: used after its unit went
define void @bad_overwritten(i1 %c, ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) %q) {
  %p = call ptr addrspace(77) @cairn.ref.alloc(ptr @pair)
  store ptr addrspace(77) %a, ptr addrspace(77) %p
  %s = select i1 %c, ptr addrspace(77) %p, ptr addrspace(77) %q
  %v = load ptr addrspace(77), ptr addrspace(77) %s
  store ptr addrspace(77) null, ptr addrspace(77) %p
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @keep(ptr addrspace(77) %v)
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  ret void
}

; What cannot be counted is an error that says what to write instead.
;
; RUN: rm -rf %t && split-file %s %t
; RUN: not %opt -passes=cairn-insert -disable-output %t/tail.ll 2>&1 | FileCheck %s --check-prefix=TAIL
; RUN: not %opt -passes=cairn-insert -disable-output %t/lent.ll 2>&1 | FileCheck %s --check-prefix=LENT
; RUN: not %opt -passes=cairn-insert -disable-output %t/field.ll 2>&1 | FileCheck %s --check-prefix=FIELD
; RUN: not %opt -passes=cairn-insert -disable-output %t/byhand.ll 2>&1 | FileCheck %s --check-prefix=BYHAND
; RUN: not %opt -passes=cairn-insert -disable-output %t/best.ll 2>&1 | FileCheck %s --check-prefix=BEST
; RUN: not %opt -passes=cairn-insert -disable-output %t/branches.ll 2>&1 | FileCheck %s --check-prefix=BRANCHES
; RUN: %opt -passes=cairn-insert -disable-output %t/fine.ll 2>&1 | count 0

; A tail call cannot be followed by a release.
; TAIL: in function tail void (ptr addrspace(77)): cairn: a call that must be a tail call borrows a reference that only this function keeps alive, and nothing can be released after it; mark the parameter "cairn-owned": musttail call
;--- tail.ll
define void @tail(ptr addrspace(77) %p) {
  %next = load ptr addrspace(77), ptr addrspace(77) %p
  musttail call void @tail(ptr addrspace(77) %next)
  ret void
}

; What only this function keeps alive cannot be lent.
; LENT: in function lent ptr addrspace(77) (): cairn: the function lends its result, but nothing keeps the object alive when it returns; take "cairn-borrowed" off the result: ret
;--- lent.ll
declare ptr addrspace(77) @make()
define "cairn-borrowed" ptr addrspace(77) @lent() {
  %m = call ptr addrspace(77) @make()
  ret ptr addrspace(77) %m
}

; FIELD: in function lent.field ptr addrspace(77) (): cairn: the function lends its result
;--- field.ll
declare ptr addrspace(77) @make()
define "cairn-borrowed" ptr addrspace(77) @lent.field() {
  %m = call ptr addrspace(77) @make()
  %f = load ptr addrspace(77), ptr addrspace(77) %m
  ret ptr addrspace(77) %f
}

; BYHAND: in function byhand void (ptr addrspace(77)): cairn: a count that is written by hand, in a function whose counts are inserted; take it out, or give the function the attribute "cairn-counts-inserted" and write all of its counts: call void @cairn.ref.incref
;--- byhand.ll
declare void @cairn.ref.incref(ptr addrspace(77))
define void @byhand(ptr addrspace(77) %p) {
  call void @cairn.ref.incref(ptr addrspace(77) %p)
  ret void
}

; The best of all strings: each that was made so far may be the one.
; BEST: in function best void (i1): cairn: a plain pointer that may point into one of several objects of a loop, and it cannot be seen which one has to live; choose between the references, and borrow from the one that was chosen: %l = call ptr @longer
;--- best.ll
declare ptr addrspace(77) @make()
declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare ptr @longer(ptr, ptr)
declare void @print(ptr)
define void @best(i1 %more) {
entry:
  br label %loop
loop:
  %p = phi ptr [ null, %entry ], [ %l, %loop ]
  %x = call ptr addrspace(77) @make()
  %q = call ptr @cairn.ref.borrow(ptr addrspace(77) %x)
  %l = call ptr @longer(ptr %p, ptr %q)
  br i1 %more, label %loop, label %done
done:
  call void @print(ptr %l)
  ret void
}

; BRANCHES: in function branches void (ptr, ptr): cairn: a reference is released or passed on by only some of the ways into 'both', and nothing can be put on this one; give the branch a target that no other branch has: indirectbr
;--- branches.ll
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
define void @branches(ptr %to, ptr %or) {
entry:
  %m = call ptr addrspace(77) @make()
  indirectbr ptr %to, [label %again, label %both]
again:
  call void @use(ptr addrspace(77) %m)
  indirectbr ptr %or, [label %both, label %end]
both:
  %v = phi ptr addrspace(77) [ %m, %entry ], [ null, %again ]
  call void @use(ptr addrspace(77) %v)
  call void @use(ptr addrspace(77) %m)
  ret void
end:
  ret void
}

; Negative: nothing is wrong with this one.
;--- fine.ll
declare void @use(ptr addrspace(77))
define void @fine(ptr addrspace(77) %p) {
  call void @use(ptr addrspace(77) %p)
  ret void
}

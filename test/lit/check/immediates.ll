; Odd words are a frontend's integers where a module flag says so, and have no units.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

define void @good(ptr addrspace(77) "cairn-owned" %p) {
entry:
  %bits = ptrtoint ptr addrspace(77) %p to i64
  %low = and i64 %bits, 1
  %odd = icmp ne i64 %low, 0
  br i1 %odd, label %end, label %object
object:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

define ptr addrspace(77) @good_made(i64 %n) {
  %twice = shl i64 %n, 1
  %word = or i64 %twice, 1
  %p = inttoptr i64 %word to ptr addrspace(77)
  ret ptr addrspace(77) %p
}

; Negative: the other edge.
; CHECK: wrong: lost unit: a unit of %p is lost
define void @wrong(ptr addrspace(77) "cairn-owned" %p) {
entry:
  %bits = ptrtoint ptr addrspace(77) %p to i64
  %low = trunc i64 %bits to i1
  br i1 %low, label %odd, label %end
odd:
  call void @cairn.ref.decref(ptr addrspace(77) %p)
  br label %end
end:
  ret void
}

!llvm.module.flags = !{!0}
!0 = !{i32 1, !"cairn-immediates", i32 1}

; What was loaded from a global is released while it stands there still, over the end of a block: the
; certifier says so. (A state that could not be described was used
; as if it had been, and the certifier crashed.)
; RUN: not %certify --plain %s | FileCheck %s --implicit-check-not=good

@global = global ptr null

declare void @cairn.decref(ptr)
declare ptr @cairn.alloc.bytes(i64)

; CHECK: bad: used after its unit went: @global still holds %old, which was released, where the function ends
define void @bad(i1 %again) {
entry:
  %old = load ptr, ptr @global
  call void @cairn.decref(ptr %old)
  br label %loop

loop:
  %list = phi ptr [ null, %entry ], [ %n, %loop ]
  %n = call ptr @cairn.alloc.bytes(i64 8)
  store ptr %list, ptr %n
  br i1 %again, label %loop, label %end

end:
  call void @cairn.decref(ptr %n)
  ret void
}

; In one block, with another reference stored over it.
define void @good(ptr "cairn-owned" %new) {
  %old = load ptr, ptr @global
  call void @cairn.decref(ptr %old)
  store ptr %new, ptr @global
  ret void
}

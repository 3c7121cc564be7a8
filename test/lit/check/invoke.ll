; The result of an invoke is there on the normal edge only. Arguments that it took are gone on both.
; What is still owned is released on the unwind edge as well.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))

declare i32 @personality(...)
declare ptr addrspace(77) @make(ptr addrspace(77) "cairn-owned", ptr addrspace(77))

define ptr addrspace(77) @good(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) personality ptr @personality {
entry:
  %r = invoke ptr addrspace(77) @make(ptr addrspace(77) %a, ptr addrspace(77) %b) to label %normal unwind label %pad
normal:
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret ptr addrspace(77) %r
pad:
  %l = landingpad { ptr, i32 } cleanup
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  resume { ptr, i32 } %l
}

; Negative: lost on the unwind edge.
; CHECK: pad: lost unit: a unit of %b is lost where the path goes on; path: %entry -> %pad:
define ptr addrspace(77) @pad(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) personality ptr @personality {
entry:
  %r = invoke ptr addrspace(77) @make(ptr addrspace(77) %a, ptr addrspace(77) %b) to label %normal unwind label %pad
normal:
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret ptr addrspace(77) %r
pad:
  %l = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %l
}

; Negative: the callee has it.
; CHECK: taken: released twice: %a is released
define ptr addrspace(77) @taken(ptr addrspace(77) "cairn-owned" %a, ptr addrspace(77) "cairn-owned" %b) personality ptr @personality {
entry:
  %r = invoke ptr addrspace(77) @make(ptr addrspace(77) %a, ptr addrspace(77) %b) to label %normal unwind label %pad
normal:
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  ret ptr addrspace(77) %r
pad:
  %l = landingpad { ptr, i32 } cleanup
  call void @cairn.ref.decref(ptr addrspace(77) %a)
  call void @cairn.ref.decref(ptr addrspace(77) %b)
  resume { ptr, i32 } %l
}

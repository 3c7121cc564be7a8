; An invoke takes its owned arguments on both edges, and gives its result on the normal one only.
; What is alive is released in the landing pad; a call that may throw gets one for that.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make() nounwind
declare ptr addrspace(77) @try.make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i32 @personality(...)

; CHECK-LABEL: @borrows(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: invoke void @use(ptr addrspace(77) %m)
; CHECK-NEXT: to label %next unwind label %pad
; CHECK: next:
; CHECK-NEXT: call void @take(ptr addrspace(77) %m) #0
; CHECK-NEXT: ret void
; CHECK: pad:
; CHECK-NEXT: %e = landingpad { ptr, i32 }
; CHECK-NEXT: cleanup
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: resume { ptr, i32 } %e
define void @borrows() personality ptr @personality {
  %m = call ptr addrspace(77) @make()
  invoke void @use(ptr addrspace(77) %m) to label %next unwind label %pad
next:
  call void @take(ptr addrspace(77) %m) nounwind
  ret void
pad:
  %e = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %e
}

; CHECK-LABEL: @takes(
; CHECK-NEXT: invoke void @take(ptr addrspace(77) %m)
; CHECK-NEXT: to label %next unwind label %pad
; CHECK: next:
; CHECK-NEXT: ret void
; CHECK: pad:
; CHECK-NEXT: %e = landingpad { ptr, i32 }
; CHECK-NEXT: cleanup
; CHECK-NEXT: resume { ptr, i32 } %e
define void @takes(ptr addrspace(77) "cairn-owned" %m) personality ptr @personality {
  invoke void @take(ptr addrspace(77) %m) to label %next unwind label %pad
next:
  ret void
pad:
  %e = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %e
}

; The result is not there in the pad, and the block that goes on has another predecessor.
; CHECK-LABEL: @gives(
; CHECK: entry:
; CHECK-NEXT: br i1 %c, label %try, label %next
; CHECK: try:
; CHECK-NEXT: %r = invoke ptr addrspace(77) @try.make()
; CHECK-NEXT: to label %try.next_crit_edge unwind label %pad
; CHECK: try.next_crit_edge:
; CHECK-NEXT: br label %next
; CHECK: next:
; CHECK-NEXT: %v = phi ptr addrspace(77) [ %r, %try.next_crit_edge ], [ null, %entry ]
; CHECK-NEXT: call void @take(ptr addrspace(77) %m) #0
; CHECK-NEXT: ret ptr addrspace(77) %v
; CHECK: pad:
; CHECK-NEXT: %e = landingpad { ptr, i32 }
; CHECK-NEXT: cleanup
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: resume { ptr, i32 } %e
define ptr addrspace(77) @gives(i1 %c, ptr addrspace(77) "cairn-owned" %m) personality ptr @personality {
entry:
  br i1 %c, label %try, label %next
try:
  %r = invoke ptr addrspace(77) @try.make() to label %next unwind label %pad
next:
  %v = phi ptr addrspace(77) [ %r, %try ], [ null, %entry ]
  call void @take(ptr addrspace(77) %m) nounwind
  ret ptr addrspace(77) %v
pad:
  %e = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %e
}

; Two invokes with one pad: each gets its own.
; CHECK-LABEL: @shared.pad(
; CHECK-NEXT: %a = call ptr addrspace(77) @make()
; CHECK-NEXT: invoke void @use(ptr addrspace(77) %a)
; CHECK-NEXT: to label %one unwind label %pad2
; CHECK: one:
; CHECK-NEXT: %b = call ptr addrspace(77) @make()
; CHECK-NEXT: invoke void @use(ptr addrspace(77) %b)
; CHECK-NEXT: to label %two unwind label %pad1
; CHECK: two:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %b)
; CHECK-NEXT: call void @use(ptr addrspace(77) %a) #0
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %a)
; CHECK-NEXT: ret void
; CHECK: pad1:
; CHECK-NEXT: %1 = landingpad { ptr, i32 }
; CHECK-NEXT: cleanup
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %a)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %b)
; CHECK-NEXT: br label %pad
; CHECK: pad2:
; CHECK-NEXT: %2 = landingpad { ptr, i32 }
; CHECK-NEXT: cleanup
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %a)
; CHECK-NEXT: br label %pad
; CHECK: pad:
; CHECK-NEXT: %e = phi { ptr, i32 } [ %1, %pad1 ], [ %2, %pad2 ]
; CHECK-NEXT: resume { ptr, i32 } %e
define void @shared.pad() personality ptr @personality {
  %a = call ptr addrspace(77) @make()
  invoke void @use(ptr addrspace(77) %a) to label %one unwind label %pad
one:
  %b = call ptr addrspace(77) @make()
  invoke void @use(ptr addrspace(77) %b) to label %two unwind label %pad
two:
  call void @use(ptr addrspace(77) %a) nounwind
  ret void
pad:
  %e = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %e
}

; A call that may throw.
; CHECK-LABEL: @call(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: invoke void @use(ptr addrspace(77) %m)
; CHECK-NEXT: to label %.noexc unwind label %pad
; CHECK: .noexc:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
; CHECK: pad:
; CHECK-NEXT: %1 = landingpad { ptr, i32 }
; CHECK-NEXT: cleanup
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %unwind
; CHECK: unwind:
; CHECK-NEXT: %2 = phi { ptr, i32 } [ %1, %pad ]
; CHECK-NEXT: resume { ptr, i32 } %2
define void @call() personality ptr @personality {
  %m = call ptr addrspace(77) @make()
  call void @use(ptr addrspace(77) %m)
  ret void
}

; Negative: nothing is alive, so the call stays a call.
; CHECK-LABEL: @nothing(
; CHECK: .noexc:
; CHECK-NEXT: call void @use(ptr addrspace(77) null)
; CHECK-NEXT: ret void
define void @nothing() personality ptr @personality {
  call void @use(ptr addrspace(77) null)
  ret void
}

; A recursion in tail position becomes a loop. Its parameter becomes a φ, which has no count: the
; caller lends what comes in first, and a second φ, the keeper, has the count of what lends the rest.
; RUN: %opt -passes='cairn-managed<O2>,verify,cairn-certify' -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @look(ptr addrspace(77))
@seen = global i64 0
define internal void @read(ptr addrspace(77) %p) noinline {
  %at = getelementptr i8, ptr addrspace(77) %p, i64 16
  %v = load i64, ptr addrspace(77) %at
  store i64 %v, ptr @seen
  ret void
}
declare i1 @cond()

; What is made for the next round goes into the keeper. Nothing is retained, and a call that ends at
; once counts nothing.
; CHECK-LABEL: define void @made(
; CHECK-NOT: incref
; CHECK: %[[K:.*]] = phi ptr addrspace(77) [ null, %0 ], [ %m, %again ]
; CHECK-NEXT: %[[P:.*]] = phi ptr addrspace(77) [ %p, %0 ], [ %m, %again ]
; CHECK-NEXT: call void @look(ptr addrspace(77) %[[P]])
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %[[K]])
; CHECK-NOT: cairn.ref
; CHECK: {{^}}}
define void @made(ptr addrspace(77) %p) {
  call void @look(ptr addrspace(77) %p)
  %c = call i1 @cond()
  br i1 %c, label %again, label %done
again:
  %m = call ptr addrspace(77) @make()
  tail call void @made(ptr addrspace(77) %m)
  ret void
done:
  ret void
}

; The keeper has the holder of what is passed, as long as the call would have kept it. What is read
; from the parameter needs no count either.
; CHECK-LABEL: define void @field(
; CHECK-NOT: incref
; CHECK: %[[K:.*]] = phi ptr addrspace(77) [ null, %0 ], [ %m, %again ]
; CHECK-NOT: cairn.ref
; CHECK: call void @read(ptr addrspace(77) %right)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %[[K]])
; CHECK-NOT: cairn.ref
; CHECK: {{^}}}
define void @field(ptr addrspace(77) %p) {
  %left = load ptr addrspace(77), ptr addrspace(77) %p
  call void @read(ptr addrspace(77) %left)
  %at = getelementptr i8, ptr addrspace(77) %p, i64 8
  %right = load ptr addrspace(77), ptr addrspace(77) %at
  call void @read(ptr addrspace(77) %right)
  %c = call i1 @cond()
  br i1 %c, label %again, label %done
again:
  %m = call ptr addrspace(77) @make()
  %next = load ptr addrspace(77), ptr addrspace(77) %m
  tail call void @field(ptr addrspace(77) %next)
  ret void
done:
  ret void
}

; A call may overwrite the field: the keeper has a count of what is passed, and not of its holder.
; CHECK-LABEL: define void @overwritten(
; CHECK-NOT: incref
; CHECK: %[[K:.*]] = phi ptr addrspace(77) [ null, %0 ], [ %next, %again ]
; CHECK: call void @look(
; CHECK: call void @cairn.ref.decref(ptr addrspace(77) %[[K]])
; CHECK: %next = load
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %next)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK: {{^}}}
define void @overwritten(ptr addrspace(77) %p) {
  call void @look(ptr addrspace(77) %p)
  %c = call i1 @cond()
  br i1 %c, label %again, label %done
again:
  %m = call ptr addrspace(77) @make()
  %next = load ptr addrspace(77), ptr addrspace(77) %m
  tail call void @overwritten(ptr addrspace(77) %next)
  ret void
done:
  ret void
}

; Negative: the function calls another in tail position, behind which nothing may be released.
; CHECK-LABEL: define void @tail(
; CHECK-NOT: keeper
; CHECK: {{^}}}
define void @tail(ptr addrspace(77) %p) {
  call void @look(ptr addrspace(77) %p)
  %c = call i1 @cond()
  br i1 %c, label %again, label %done
again:
  %m = call ptr addrspace(77) @make()
  tail call void @tail(ptr addrspace(77) %m)
  ret void
done:
  tail call void @look(ptr addrspace(77) %p)
  ret void
}

; Negative: a loop that the program wrote. What lends is released as soon as nothing uses it.
; CHECK-LABEL: define void @loop(
; CHECK-NOT: keeper
; CHECK: %m = {{.*}}call ptr addrspace(77) @make()
; CHECK-NEXT: %next = load ptr addrspace(77), ptr addrspace(77) %m
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %next)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK: {{^}}}
define void @loop(ptr addrspace(77) %p) {
entry:
  br label %round
round:
  %r = phi ptr addrspace(77) [ %p, %entry ], [ %next, %again ]
  call void @read(ptr addrspace(77) %r)
  %c = call i1 @cond()
  br i1 %c, label %again, label %done
again:
  %m = call ptr addrspace(77) @make()
  %next = load ptr addrspace(77), ptr addrspace(77) %m
  br label %round
done:
  ret void
}

; Negative: what the object holds is taken out of it. A round may use the memory of the one before.
; CHECK-LABEL: define void @apart(
; CHECK-NOT: keeper
; CHECK: {{^}}}
define void @apart(ptr addrspace(77) %p) {
  %c = call i1 @cond()
  br i1 %c, label %again, label %done
again:
  %next = load ptr addrspace(77), ptr addrspace(77) %p
  %m = call ptr addrspace(77) @make()
  store ptr addrspace(77) %next, ptr addrspace(77) %m
  tail call void @apart(ptr addrspace(77) %m)
  ret void
done:
  ret void
}

; A select whose condition is computed again in each pass of a loop. While it is not decided, its arms are
; held by it; where the loop comes back they are not, and a unit that one of them has left is lost.
; RUN: not %certify %s | FileCheck %s --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @cairn.ref.incref(ptr addrspace(77))

; The list is walked by two names, of which one stays behind now and then.
define void @good(ptr addrspace(77) "cairn-owned" %l) {
start:
  call void @cairn.ref.incref(ptr addrspace(77) %l)
  br label %again
again:
  %at = phi ptr addrspace(77) [ %l, %start ], [ %next, %more ]
  %behind = phi ptr addrspace(77) [ %l, %start ], [ %then, %more ]
  %i = phi i64 [ 0, %start ], [ %j, %more ]
  %ends = icmp eq ptr addrspace(77) %at, null
  br i1 %ends, label %end, label %more
more:
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %at)
  %last = icmp eq ptr addrspace(77) %next, null
  %bit = and i64 %i, 1
  %even = icmp eq i64 %bit, 0
  %stays = select i1 %last, i1 true, i1 %even
  %then = select i1 %stays, ptr addrspace(77) %behind, ptr addrspace(77) %next
  call void @cairn.ref.incref(ptr addrspace(77) %then)
  call void @cairn.ref.decref(ptr addrspace(77) %behind)
  %j = add i64 %i, 1
  br label %again
end:
  call void @cairn.ref.decref(ptr addrspace(77) %behind)
  ret void
}

; CHECK: twice: lost unit: a unit of %l is lost where the path goes on
define void @twice(ptr addrspace(77) "cairn-owned" %l) {
start:
  call void @cairn.ref.incref(ptr addrspace(77) %l)
  call void @cairn.ref.incref(ptr addrspace(77) %l)
  br label %again
again:
  %at = phi ptr addrspace(77) [ %l, %start ], [ %next, %more ]
  %behind = phi ptr addrspace(77) [ %l, %start ], [ %then, %more ]
  %i = phi i64 [ 0, %start ], [ %j, %more ]
  %ends = icmp eq ptr addrspace(77) %at, null
  br i1 %ends, label %end, label %more
more:
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %at)
  %last = icmp eq ptr addrspace(77) %next, null
  %bit = and i64 %i, 1
  %even = icmp eq i64 %bit, 0
  %stays = select i1 %last, i1 true, i1 %even
  %then = select i1 %stays, ptr addrspace(77) %behind, ptr addrspace(77) %next
  call void @cairn.ref.incref(ptr addrspace(77) %then)
  call void @cairn.ref.decref(ptr addrspace(77) %behind)
  %j = add i64 %i, 1
  br label %again
end:
  call void @cairn.ref.decref(ptr addrspace(77) %behind)
  ret void
}

; CHECK: not_released: lost unit: a unit of %l is lost where the path goes on
define void @not_released(ptr addrspace(77) "cairn-owned" %l) {
start:
  call void @cairn.ref.incref(ptr addrspace(77) %l)
  br label %again
again:
  %at = phi ptr addrspace(77) [ %l, %start ], [ %next, %more ]
  %behind = phi ptr addrspace(77) [ %l, %start ], [ %then, %more ]
  %i = phi i64 [ 0, %start ], [ %j, %more ]
  %ends = icmp eq ptr addrspace(77) %at, null
  br i1 %ends, label %end, label %more
more:
  %next = load ptr addrspace(77), ptr addrspace(77) %at
  call void @cairn.ref.incref(ptr addrspace(77) %next)
  call void @cairn.ref.decref(ptr addrspace(77) %at)
  %last = icmp eq ptr addrspace(77) %next, null
  %bit = and i64 %i, 1
  %even = icmp eq i64 %bit, 0
  %stays = select i1 %last, i1 true, i1 %even
  %then = select i1 %stays, ptr addrspace(77) %behind, ptr addrspace(77) %next
  call void @cairn.ref.incref(ptr addrspace(77) %then)
  %j = add i64 %i, 1
  br label %again
end:
  call void @cairn.ref.decref(ptr addrspace(77) %behind)
  ret void
}

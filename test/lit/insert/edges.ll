; What is live in one successor only is released on the edge to the other: in it, if it has no other
; predecessor, else in a block of its own; where a block starts, if all edges into it release it.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

; CHECK-LABEL: @one.arm(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: br i1 %c, label %yes, label %no
; CHECK: yes:
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %done
; CHECK: no:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %done
; CHECK: done:
; CHECK-NEXT: ret void
define void @one.arm(i1 %c) {
entry:
  %m = call ptr addrspace(77) @make()
  br i1 %c, label %yes, label %no
yes:
  call void @use(ptr addrspace(77) %m)
  br label %done
no:
  br label %done
done:
  ret void
}

; CHECK-LABEL: @critical(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: br i1 %c, label %yes, label %entry.counts
; CHECK: yes:
; CHECK-NEXT: call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: br label %done
; CHECK: entry.counts:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %done
; CHECK: done:
; CHECK-NEXT: ret void
define void @critical(i1 %c) {
entry:
  %m = call ptr addrspace(77) @make()
  br i1 %c, label %yes, label %done
yes:
  call void @take(ptr addrspace(77) %m)
  br label %done
done:
  ret void
}

; The cases of a switch that go to one block are one edge.
; CHECK-LABEL: @cases(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: switch i32 %k, label %entry.counts [
; CHECK-NEXT: i32 0, label %yes
; CHECK-NEXT: i32 1, label %entry.counts
; CHECK-NEXT: i32 2, label %yes
; CHECK-NEXT: ]
; CHECK: yes:
; CHECK-NEXT: call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: br label %done
; CHECK: entry.counts:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %done
; CHECK: done:
; CHECK-NEXT: ret void
define void @cases(i32 %k) {
entry:
  %m = call ptr addrspace(77) @make()
  switch i32 %k, label %done [
    i32 0, label %yes
    i32 1, label %done
    i32 2, label %yes
  ]
yes:
  call void @take(ptr addrspace(77) %m)
  br label %done
done:
  ret void
}

; CHECK-LABEL: @all.edges(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: br i1 %c, label %yes, label %no
; CHECK: yes:
; CHECK-NEXT: %a = call i1 @cond()
; CHECK-NEXT: br i1 %a, label %more, label %drop
; CHECK: no:
; CHECK-NEXT: %b = call i1 @cond()
; CHECK-NEXT: br i1 %b, label %more, label %drop
; CHECK: more:
; CHECK-NEXT: call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: br label %done
; CHECK: drop:
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: br label %done
; CHECK: done:
; CHECK-NEXT: ret void
define void @all.edges(i1 %c) {
entry:
  %m = call ptr addrspace(77) @make()
  br i1 %c, label %yes, label %no
yes:
  %a = call i1 @cond()
  br i1 %a, label %more, label %drop
no:
  %b = call i1 @cond()
  br i1 %b, label %more, label %drop
more:
  call void @take(ptr addrspace(77) %m)
  br label %done
drop:
  br label %done
done:
  ret void
}

; Negative: null needs no release, and a test says that it is null.
; CHECK-LABEL: @null.arm(
; CHECK: entry:
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: %null = icmp eq ptr addrspace(77) %m, null
; CHECK-NEXT: br i1 %null, label %done, label %some
; CHECK: some:
; CHECK-NEXT: call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: br label %done
; CHECK: done:
; CHECK-NEXT: ret void
define void @null.arm() {
entry:
  %m = call ptr addrspace(77) @make()
  %null = icmp eq ptr addrspace(77) %m, null
  br i1 %null, label %done, label %some
some:
  call void @take(ptr addrspace(77) %m)
  br label %done
done:
  ret void
}

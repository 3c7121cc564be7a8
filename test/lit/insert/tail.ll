; Nothing may stand between a tail call and the return. A call that is followed by a release is no tail
; call any more; what a tail call takes, it releases itself.
; RUN: %opt -passes=cairn-insert,verify,cairn-certify -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @make()
declare void @use(ptr addrspace(77))
declare void @take(ptr addrspace(77) "cairn-owned")
declare i1 @cond()

; CHECK-LABEL: @no.more(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: call void @use(ptr addrspace(77) %m)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @no.more() {
  %m = call ptr addrspace(77) @make()
  tail call void @use(ptr addrspace(77) %m)
  ret void
}

; CHECK-LABEL: @must(
; CHECK-NEXT: %next = load ptr addrspace(77), ptr addrspace(77) %p
; CHECK-NEXT: call void @cairn.ref.incref(ptr addrspace(77) %next)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %p)
; CHECK-NEXT: musttail call tailcc void @must(ptr addrspace(77) "cairn-owned" %next)
; CHECK-NEXT: ret void
define tailcc void @must(ptr addrspace(77) "cairn-owned" %p) {
  %next = load ptr addrspace(77), ptr addrspace(77) %p
  musttail call tailcc void @must(ptr addrspace(77) "cairn-owned" %next)
  ret void
}

; CHECK-LABEL: @swift(
; CHECK-NEXT: musttail call swifttailcc void @swift(ptr addrspace(77) "cairn-owned" %q, ptr addrspace(77) "cairn-owned" %p)
; CHECK-NEXT: ret void
define swifttailcc void @swift(ptr addrspace(77) "cairn-owned" %p, ptr addrspace(77) "cairn-owned" %q) {
  musttail call swifttailcc void @swift(ptr addrspace(77) "cairn-owned" %q, ptr addrspace(77) "cairn-owned" %p)
  ret void
}

; Negative: a borrowed parameter is passed on as it is.
; CHECK-LABEL: @passed.on(
; CHECK-NEXT: musttail call void @passed.on(ptr addrspace(77) %p)
; CHECK-NEXT: ret void
define void @passed.on(ptr addrspace(77) %p) {
  musttail call void @passed.on(ptr addrspace(77) %p)
  ret void
}

; Negative: what is taken needs no release.
; CHECK-LABEL: @taken(
; CHECK-NEXT: %m = call ptr addrspace(77) @make()
; CHECK-NEXT: tail call void @take(ptr addrspace(77) %m)
; CHECK-NEXT: ret void
define void @taken() {
  %m = call ptr addrspace(77) @make()
  tail call void @take(ptr addrspace(77) %m)
  ret void
}

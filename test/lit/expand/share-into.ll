; What a shared object holds is shared. The test is of the holder's count alone, inline: one
; load, one branch. The rest is a call that is seldom made.
;
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn. --implicit-check-not=cairn_fast_
; RUN: %opt -passes=cairn-lower %s | llc -O2 | FileCheck %s --check-prefix=CODE

target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.share.into(ptr, ptr)

; CHECK-LABEL: define void @store(
; CHECK: [[N:%.*]] = load atomic i32, ptr {{%.*}} monotonic
; CHECK-NEXT: icmp slt i32 [[N]], 0
; CHECK-NEXT: br i1 {{.*}} !prof
; CHECK: call preserve_mostcc void @cairn_rt_share_into{{(.eager)?}}(ptr {{.*}}%holder, ptr {{.*}}%value)
; CHECK: store ptr %value, ptr %holder
;
; CODE-LABEL: store:
; CODE-NOT: push
; CODE: movl -8(%rdi), %eax
; CODE-NEXT: testl %eax, %eax
; CODE-NEXT: js
; CODE-NEXT: # %bb
; CODE-NEXT: movq %rsi, (%rdi)
; CODE-NEXT: retq
define void @store(ptr %holder, ptr %value) {
  call void @cairn.share.into(ptr %holder, ptr %value)
  store ptr %value, ptr %holder
  ret void
}

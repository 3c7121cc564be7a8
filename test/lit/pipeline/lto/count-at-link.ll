; -cairn-count-at-link leaves functions without counts to the link: nothing of the compile step may touch them, and
; what they had before comes back when the link inserts the counts. A function without references is optimised as ever.
; RUN: %opt -cairn-count-at-link -passes='lto-pre-link<O2>' -S %s -o %t.ll && FileCheck %s < %t.ll
; RUN: %opt -passes='lto<O2>' -S %t.ll | FileCheck %s --check-prefix=LINK
; RUN: %opt -cairn-count-at-link -passes='lto-pre-link<O0>' -S %s | FileCheck %s --check-prefix=O0

target triple = "x86_64-unknown-linux-gnu"
!llvm.module.flags = !{!0, !1}
!0 = !{i32 1, !"EnableSplitLTOUnit", i32 0}
!1 = !{i32 1, !"ThinLTO", i32 0}

; What the link would refuse is refused at once.
; RUN: echo 'define void @f(ptr addrspace(77) %%x) naked { unreachable }' > %t.naked.ll
; RUN: not %opt -cairn-count-at-link -passes='lto-pre-link<O2>' -disable-output %t.naked.ll 2>&1 | FileCheck %s --check-prefix=NAKED
; NAKED: error: {{.*}}a naked function has references

; A link without the passes fails.
; CHECK: @cairn_needs_the_managed_pass = external global i8
; CHECK: @llvm.used = appending global {{.*}}cairn_managed_marker
; LINK-NOT: cairn_needs_the_managed_pass
; O0-NOT: cairn_needs_the_managed_pass

; CHECK: define {{.*}} @twice(ptr addrspace(77) %x) {{.*}}[[PLAIN:#[0-9]+]] {
; CHECK-NEXT: %slot = alloca
; LINK: define {{.*}} @twice(
; LINK-NOT: alloca
; LINK: call {{.*}}@cairn_rt_
; O0: define {{.*}} @twice(
define { ptr addrspace(77), ptr addrspace(77) } @twice(ptr addrspace(77) %x) {
  %slot = alloca ptr addrspace(77)
  store ptr addrspace(77) %x, ptr %slot
  %a = load ptr addrspace(77), ptr %slot
  %one = insertvalue { ptr addrspace(77), ptr addrspace(77) } poison, ptr addrspace(77) %a, 0
  %two = insertvalue { ptr addrspace(77), ptr addrspace(77) } %one, ptr addrspace(77) %a, 1
  ret { ptr addrspace(77), ptr addrspace(77) } %two
}

; CHECK: define {{.*}} @small(ptr addrspace(77) %x) {{.*}}[[SMALL:#[0-9]+]] {
; LINK: define {{.*}} @small({{.*}}) {{.*}}[[SMALL:#[0-9]+]] {
define i64 @small(ptr addrspace(77) %x) noinline minsize optsize {
  %n = load i64, ptr addrspace(77) %x
  ret i64 %n
}

; CHECK: define {{.*}} @always(ptr addrspace(77) %x) {{.*}}[[ALWAYS:#[0-9]+]] {
; LINK: define {{.*}} @always({{.*}}) {{.*}}[[ALWAYS:#[0-9]+]] {
define i64 @always(ptr addrspace(77) %x) alwaysinline {
  %n = load i64, ptr addrspace(77) %x
  ret i64 %n
}

; The frontend's own wish stays.
; LINK: define {{.*}} @never({{.*}}) {{.*}}[[NEVER:#[0-9]+]] {
; LINK-NEXT: alloca
define i64 @never(ptr addrspace(77) %x) optnone noinline {
  %slot = alloca i64
  %n = load i64, ptr addrspace(77) %x
  store i64 %n, ptr %slot
  %m = load i64, ptr %slot
  ret i64 %m
}

; Negative: no reference.
; CHECK: define {{.*}} @number(i64{{.*}} %n)
; CHECK-NEXT: ret i64 %n
define i64 @number(i64 %n) {
  %slot = alloca i64
  store i64 %n, ptr %slot
  %m = load i64, ptr %slot
  ret i64 %m
}

; CHECK: attributes [[PLAIN]] = { {{.*}}noinline {{.*}}optnone {{.*}}"cairn-counted-at-link" }
; CHECK: attributes [[SMALL]] = { {{.*}}"cairn-counted-at-link"="noinline minsize optsize" }
; CHECK: attributes [[ALWAYS]] = { {{.*}}"cairn-counted-at-link"="alwaysinline" }
; LINK-NOT: cairn-counted-at-link
; LINK: attributes [[SMALL]] = { {{.*}}minsize {{.*}}noinline {{.*}}optsize
; LINK: attributes [[ALWAYS]] = { {{.*}}alwaysinline
; LINK: attributes [[NEVER]] = { {{.*}}noinline {{.*}}optnone
; O0-NOT: cairn-counted-at-link

; Modules with different spaces do not link.
; CHECK: !{i32 1, !"cairn-reference-space", i32 77}

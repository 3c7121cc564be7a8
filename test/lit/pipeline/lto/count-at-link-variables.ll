; A compile step that leaves counts to the link leaves a module's own variables with references, too: LLVM would leave
; out the stores of null into one that nobody loads, and keep those of new objects, which nobody would release then.
; RUN: %opt -cairn-count-at-link -passes='lto-pre-link<O2>' -S %s -o %t.ll && FileCheck %s < %t.ll
; RUN: %opt -passes='lto<O2>' -S %t.ll | FileCheck %s --check-prefix=LINK

target triple = "x86_64-unknown-linux-gnu"
!llvm.module.flags = !{!0, !1}
!0 = !{i32 1, !"EnableSplitLTOUnit", i32 0}
!1 = !{i32 1, !"ThinLTO", i32 0}

@written = internal global ptr addrspace(77) null
@part = internal global { i64, [2 x ptr addrspace(77)] } zeroinitializer
@bytes = internal global [16 x i8] zeroinitializer, align 8
@asked = internal global ptr addrspace(77) null
; Negative: nothing is stored into a number but numbers, and LLVM leaves it out.
; CHECK-NOT: @number
@number = internal global i64 0

; What the program keeps by itself stays behind the link; the rest has no trace there.
; CHECK: @llvm.compiler.used = appending global [4 x ptr] [ptr @asked, ptr @bytes, ptr @part, ptr @written]
; LINK: @llvm.compiler.used = {{.*}} [ptr @asked, ptr @cairn_rt_
@llvm.compiler.used = appending global [1 x ptr] [ptr @asked], section "llvm.metadata"

declare ptr addrspace(77) @make()

; CHECK-LABEL: define void @set(
; CHECK: store ptr addrspace(77) %new, ptr @written
; CHECK: store ptr addrspace(77) %new, ptr getelementptr
; CHECK: store ptr addrspace(77) %new, ptr @bytes
; LINK-LABEL: define void @set(
define void @set() {
  %new = call ptr addrspace(77) @make()
  store ptr addrspace(77) %new, ptr @written
  store ptr addrspace(77) %new, ptr getelementptr (i8, ptr @part, i64 16)
  store ptr addrspace(77) %new, ptr @bytes
  store i64 1, ptr @number
  ret void
}

; CHECK-LABEL: define void @clear(
; CHECK-NEXT: store ptr addrspace(77) null, ptr @written
; CHECK-NEXT: store ptr addrspace(77) null, ptr getelementptr
; CHECK-NEXT: store ptr addrspace(77) null, ptr @bytes
; CHECK-NEXT: ret void
; LINK-LABEL: define void @clear(
; LINK-COUNT-3: call {{.*}}@cairn_rt_decref
define void @clear() {
  store ptr addrspace(77) null, ptr @written
  store ptr addrspace(77) null, ptr getelementptr (i8, ptr @part, i64 16)
  store ptr addrspace(77) null, ptr @bytes
  ret void
}

; CHECK: !cairn.kept.variables = !{
; LINK-NOT: cairn.kept.variables

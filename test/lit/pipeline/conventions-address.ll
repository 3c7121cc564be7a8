; A call through a pointer or an alias has the default convention: the address of a function
; with another one cannot be taken. Lists of what the compiler is to keep are no such use.
;
; RUN: rm -rf %t && split-file %s %t
; RUN: not %opt -passes='cairn-managed<O0>' -disable-output %t/stored.ll 2>&1 | FileCheck %s --check-prefix=STORED
; RUN: not %opt -passes='cairn-managed<O0>' -disable-output %t/passed.ll 2>&1 | FileCheck %s --check-prefix=PASSED
; RUN: not %opt -passes='cairn-managed<O0>' -disable-output %t/table.ll 2>&1 | FileCheck %s --check-prefix=TABLE
; RUN: not %opt -passes='cairn-managed<O0>' -disable-output %t/alias.ll 2>&1 | FileCheck %s --check-prefix=ALIAS
; RUN: not %opt -passes='cairn-managed<O0>' -disable-output %t/type.ll 2>&1 | FileCheck %s --check-prefix=TYPE
; RUN: %opt -passes='cairn-managed<O0>' -S %t/used.ll | FileCheck %s --check-prefix=USED

; STORED: in function f {{.*}}function 'take' takes over the count of parameter 1, and calls through a pointer or an alias cannot know that
;--- stored.ll
declare void @take(ptr addrspace(77) "cairn-owned")
define void @f(ptr %p) {
  store ptr @take, ptr %p
  ret void
}

; PASSED: function 'take' takes over the count of parameter 1 and 2 and lends its result
;--- passed.ll
declare "cairn-borrowed" ptr addrspace(77) @take(ptr addrspace(77) "cairn-owned", ptr addrspace(77) "cairn-owned")
declare void @g(ptr)
define void @f() {
  call void @g(ptr @take)
  ret void
}

; TABLE: function 'take' takes over
;--- table.ll
declare void @take(ptr addrspace(77) "cairn-owned")
@table = global [1 x ptr] [ptr @take]

; ALIAS: function 'take' takes over
;--- alias.ll
define void @take(ptr addrspace(77) "cairn-owned" %p) {
  ret void
}
@other = alias void (ptr addrspace(77)), ptr @take

; TYPE: function 'take' takes over
;--- type.ll
declare void @take(ptr addrspace(77) "cairn-owned")
define void @f(ptr addrspace(77) %p) {
  call void @take(ptr addrspace(77) %p, i32 1)
  ret void
}

; USED: @llvm.used = {{.*}}@_Z4take13cairn_takes_1
;--- used.ll
define void @take(ptr addrspace(77) "cairn-owned" %p) {
  ret void
}
@llvm.used = appending global [1 x ptr] [ptr @take], section "llvm.metadata"

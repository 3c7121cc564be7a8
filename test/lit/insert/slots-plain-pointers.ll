; A plain pointer that was borrowed from a reference keeps the object alive, also where a variable
; on the stack holds it, as without optimisation: the variable goes into a register. So does one
; that gets what was computed from it, by way of the first. Other variables stay as they are.
; RUN: %opt -passes=cairn-slots -S %s | FileCheck %s
; RUN: %opt -passes=cairn-insert -S %s | FileCheck %s --check-prefix=INSERT

declare ptr addrspace(77) @make()
declare ptr @cairn.ref.borrow(ptr addrspace(77))
declare void @use(ptr)
declare ptr @other()

; CHECK-LABEL: @variables
; CHECK: %unrelated = alloca ptr
; CHECK-NOT: alloca
; CHECK: store ptr %o, ptr %unrelated
; CHECK: %at = getelementptr i8, ptr %plain, i64 8
; CHECK: call void @use(ptr %at)
; INSERT-LABEL: @variables
; INSERT: %r = call ptr addrspace(77) @make()
; INSERT-NOT: decref
; INSERT: call void @use(ptr %at)
; INSERT-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %r)
define void @variables() {
  %first = alloca ptr
  %second = alloca ptr
  %unrelated = alloca ptr
  %r = call ptr addrspace(77) @make()
  %plain = call ptr @cairn.ref.borrow(ptr addrspace(77) %r)
  store ptr %plain, ptr %first
  %o = call ptr @other()
  store ptr %o, ptr %unrelated
  %p = load ptr, ptr %first
  %at = getelementptr i8, ptr %p, i64 8
  store ptr %at, ptr %second
  %q = load ptr, ptr %second
  call void @use(ptr %q)
  %u = load ptr, ptr %unrelated
  call void @use(ptr %u)
  ret void
}

; Negative: a variable whose address escapes stays. It holds the pointer no longer than that is
; said to last.
; CHECK-LABEL: @escapes
; CHECK: %first = alloca ptr
; CHECK: store ptr %plain, ptr %first
define void @escapes() {
  %first = alloca ptr
  %r = call ptr addrspace(77) @make()
  %plain = call ptr @cairn.ref.borrow(ptr addrspace(77) %r)
  store ptr %plain, ptr %first
  call void @use(ptr %first)
  ret void
}

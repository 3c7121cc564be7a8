; A convention that is not the default is part of a function's name, at its definition and where
; it is called. Local functions, and functions that code without references defines, keep
; their names; so does everything with the default. Once is enough.
;
; RUN: %opt -passes='cairn-managed<O0>,verify' -S %s | FileCheck %s
; RUN: %opt -passes='cairn-managed<O0>,cairn-managed<O0>' -S %s | FileCheck %s

; CHECK: $_Z6inline13cairn_takes_1 = comdat any
$inline = comdat any

; CHECK-DAG: define void @_Z4take13cairn_takes_1(
define void @take(ptr addrspace(77) "cairn-owned" %p) {
  ret void
}

; CHECK-DAG: define linkonce_odr void @_Z6inline13cairn_takes_1({{.*}} comdat
define linkonce_odr void @inline(ptr addrspace(77) "cairn-owned" %p) comdat {
  ret void
}

; An sret is no parameter of the language's.
; CHECK-DAG: define void @_Z4many15cairn_takes_1_3(
define void @many(ptr sret(i64) %s, ptr addrspace(77) "cairn-owned" %p, ptr addrspace(77) %q, ptr addrspace(77) "cairn-owned" %r) {
  ret void
}

; What has a mangled name gets an end that demanglers print.
; CHECK-DAG: define {{.*}}@_ZN1a3topEv.cairn_takes_1_lends(
define "cairn-borrowed" ptr addrspace(77) @_ZN1a3topEv(ptr addrspace(77) "cairn-owned" %p) {
  ret ptr addrspace(77) null
}

; CHECK-DAG: define internal void @local(
define internal void @local(ptr addrspace(77) "cairn-owned" %p) {
  ret void
}

; CHECK-DAG: define ptr addrspace(77) @default(
define ptr addrspace(77) @default(ptr addrspace(77) "cairn-borrowed" %p) {
; CHECK-DAG: call {{.*}}@_Z8declared11cairn_lends(
  %t = call ptr addrspace(77) @declared(ptr addrspace(77) %p)
; CHECK-DAG: call void @foreign(
  call void @foreign(ptr addrspace(77) %p)
; CHECK-DAG: call void @local(
  call void @local(ptr addrspace(77) %p)
  ret ptr addrspace(77) %t
}

; CHECK-DAG: declare "cairn-borrowed" ptr addrspace(77) @_Z8declared11cairn_lends(
declare "cairn-borrowed" ptr addrspace(77) @declared(ptr addrspace(77))
; CHECK-DAG: declare void @foreign(
declare void @foreign(ptr addrspace(77) "cairn-owned") "cairn-foreign"

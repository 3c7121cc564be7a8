; What the passes leave for each other, a frontend may not write: they would believe it. Each is an error that names the
; function and the mark, in the default pipelines and where cairn-import runs by name.
; RUN: not %opt -passes=cairn-import -disable-output %s 2>&1 | FileCheck %s --check-prefix=FIRST
; RUN: not %clang_cairn -O2 -c %s -o /dev/null 2>&1 | FileCheck %s --implicit-check-not=error:
; RUN: not %clang_cairn -O0 -c %s -o /dev/null 2>&1 | FileCheck %s --implicit-check-not=error:

target triple = "x86_64-unknown-linux-gnu"
declare ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77), i32)
declare ptr addrspace(77) @cairn.ref.own.cell.on(ptr addrspace(77), i32, ptr)
declare i1 @cairn.ref.is.on(ptr addrspace(77), ptr)
declare void @cairn.ref.free.cell(ptr addrspace(77))
declare i1 @cairn.ref.is.last(ptr addrspace(77), i32, i32)
declare void @cairn.ref.decref(ptr addrspace(77))
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare i32 @__gxx_personality_v0(...)
declare void @throws()
declare void @look(ptr)
%pair = type { ptr addrspace(77), ptr addrspace(77) }

; FIRST: error: {{.*}}parameter 1 of function 'declared' has the attribute "cairn-cell": only Cairn's passes write that
; CHECK: error: {{.*}}parameter 1 of function 'declared' has the attribute "cairn-cell": only Cairn's passes write that
declare void @declared(ptr addrspace(77) "cairn-owned" "cairn-cell"="2181038081")

; CHECK: error: {{.*}}parameter 2 of function 'cell' has the attribute "cairn-cell"
define internal void @cell(i1 %c, ptr addrspace(77) "cairn-owned" "cairn-cell"="2181038081" %p) {
  ret void
}

; CHECK: error: {{.*}}parameter 1 of function 'by_value' has the attribute "cairn-copied"
define ptr addrspace(77) @by_value(ptr byval(%pair) "cairn-copied" %p) {
  %r = load ptr addrspace(77), ptr %p
  ret ptr addrspace(77) %r
}

; CHECK: error: {{.*}}in function own_cell {{.*}}a call of 'cairn.ref.own.cell'
; CHECK: error: {{.*}}in function own_cell {{.*}}a call of 'cairn.ref.free.cell'
define void @own_cell(ptr addrspace(77) "cairn-owned" %p) {
  %c = call ptr addrspace(77) @cairn.ref.own.cell(ptr addrspace(77) %p, i32 -2113929215)
  call void @cairn.ref.free.cell(ptr addrspace(77) %c)
  ret void
}

; CHECK: error: {{.*}}in function own_cell_on {{.*}}a call of 'cairn.ref.is.on'
; CHECK: error: {{.*}}in function own_cell_on {{.*}}a call of 'cairn.ref.own.cell.on'
define i1 @own_cell_on(ptr addrspace(77) "cairn-owned" %p, ptr %heap) {
  %is = call i1 @cairn.ref.is.on(ptr addrspace(77) %p, ptr %heap)
  %c = call ptr addrspace(77) @cairn.ref.own.cell.on(ptr addrspace(77) %p, i32 -2113929215, ptr %heap)
  ret i1 %is
}

; CHECK: error: {{.*}}in function last {{.*}}a call of 'cairn.ref.is.last'
define i1 @last(ptr addrspace(77) %p) {
  %l = call i1 @cairn.ref.is.last(ptr addrspace(77) %p, i32 -2113929215, i32 -1)
  ret i1 %l
}

; CHECK: error: {{.*}}in function initialises {{.*}}metadata 'cairn.initialises'
define void @initialises(ptr %slot, ptr addrspace(77) %p) {
  store ptr addrspace(77) %p, ptr %slot, !cairn.initialises !{}
  ret void
}

; CHECK: error: {{.*}}in function bytes {{.*}}metadata 'cairn.bytes'
define void @bytes() {
  %from = alloca %pair
  %to = alloca %pair
  call void @look(ptr %from)
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 16, i1 false), !cairn.bytes !{}
  call void @look(ptr %to)
  ret void
}

; CHECK: error: {{.*}}function 'personality' has the attribute "cairn-personality"
; CHECK: error: {{.*}}in function personality {{.*}}metadata 'cairn.pad'
define void @personality() "cairn-personality" personality ptr @__gxx_personality_v0 {
  invoke void @throws() to label %end unwind label %pad
end:
  ret void
pad:
  %p = landingpad { ptr, i32 } cleanup, !cairn.pad !{}
  br label %on
on:
  resume { ptr, i32 } %p
}

; A function that writes all its counts itself answers for what else it writes. The certifier looks at that, too.
define internal void @answers(ptr addrspace(77) "cairn-owned" "cairn-cell"="2181038081" %p) "cairn-counts-inserted" {
  call void @cairn.ref.free.cell(ptr addrspace(77) %p)
  ret void
}

; But who has its counts inserted has no cell to give it.
; CHECK: error: {{.*}}in function gives {{.*}}argument 1 goes to a parameter with the attribute "cairn-cell"
define void @gives(ptr addrspace(77) "cairn-owned" %p) {
  call void @answers(ptr addrspace(77) "cairn-owned" %p)
  ret void
}

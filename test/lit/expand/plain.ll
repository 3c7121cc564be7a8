; The space of references has no meaning for a code generator: after cairn-plain no type,
; constant or name in the module has it, and everything else is as it was.
;
; RUN: %opt -passes='cairn-plain,verify' -S %s -o %t.ll
; RUN: FileCheck %s --input-file=%t.ll
; RUN: FileCheck %s --input-file=%t.ll --check-prefix=NONE
; RUN: %opt -passes='cairn-plain,cairn-plain' -S %s | diff - %t.ll
; NONE-NOT: addrspace(77)
; NONE-NOT: p77

; A struct keeps its name, with ".plain" after it.
; CHECK: %node.plain = type { ptr, i64, [2 x ptr] }
%node = type { ptr addrspace(77), i64, [2 x ptr addrspace(77)] }
; CHECK: %other = type { ptr, i64 }
%other = type { ptr, i64 }

; CHECK-DAG: @slot = global ptr null
@slot = global ptr addrspace(77) null
; CHECK-DAG: @nodes = internal global [2 x %node.plain] [%node.plain zeroinitializer, %node.plain { ptr @object, i64 7, [2 x ptr] [ptr @object, ptr null] }], align 16
@nodes = internal global [2 x %node] [%node zeroinitializer, %node { ptr addrspace(77) addrspacecast (ptr @object to ptr addrspace(77)), i64 7, [2 x ptr addrspace(77)] [ptr addrspace(77) addrspacecast (ptr @object to ptr addrspace(77)), ptr addrspace(77) null] }], align 16
; CHECK-DAG: @object = constant i64 5
@object = constant i64 5
; A global may lie in the space itself, and refer to itself.
; CHECK-DAG: @static = global { i64, ptr } { i64 1, ptr getelementptr inbounds{{.*}} (i8, ptr @static, i64 8) }, section "static", align 8
@static = addrspace(77) global { i64, ptr addrspace(77) } { i64 1, ptr addrspace(77) getelementptr inbounds (i8, ptr addrspace(77) @static, i64 8) }, section "static", align 8
; CHECK-DAG: @tls = thread_local global ptr null
@tls = thread_local global ptr addrspace(77) null
; CHECK-DAG: @table = constant [2 x ptr] [ptr @identity, ptr blockaddress(@jump, %there)]
@table = constant [2 x ptr] [ptr @identity, ptr blockaddress(@jump, %there)]
; CHECK-DAG: @second = alias %node.plain, getelementptr inbounds{{.*}}([2 x %node.plain], ptr @nodes, i64 0, i64 1)
@second = alias %node, getelementptr inbounds ([2 x %node], ptr @nodes, i64 0, i64 1)
; CHECK-DAG: @same = alias ptr (ptr), ptr @identity
@same = alias ptr addrspace(77) (ptr addrspace(77)), ptr @identity
; CHECK-DAG: @in.space = alias i64, ptr @static
@in.space = alias i64, ptr addrspace(77) @static
; CHECK-DAG: @llvm.used = appending global [1 x ptr] [ptr @slot], section "llvm.metadata"
@llvm.used = appending global [1 x ptr] [ptr @slot], section "llvm.metadata"

; CHECK-LABEL: define fastcc noalias ptr @identity(ptr nonnull align 8 "cairn-owned" %a) #0 comdat align 32
$identity = comdat any
define fastcc noalias ptr addrspace(77) @identity(ptr addrspace(77) nonnull align 8 "cairn-owned" %a) "mark"="kept" comdat align 32 {
  ret ptr addrspace(77) %a
}

; CHECK-LABEL: define void @byval(ptr byval(%node.plain) %n, ptr sret(%node.plain) %r)
define void @byval(ptr byval(%node) %n, ptr sret(%node) %r) {
; CHECK: call void @byval(ptr byval(%node.plain) %n, ptr sret(%node.plain) %r)
  call void @byval(ptr byval(%node) %n, ptr sret(%node) %r)
  ret void
}

; CHECK-LABEL: define i64 @memory(
define i64 @memory(ptr addrspace(77) %p, ptr %q, i64 %i) {
; CHECK: %local = alloca %node.plain
  %local = alloca %node
; CHECK: %field = getelementptr inbounds %node.plain, ptr %p, i64 0, i32 2, i64 %i
  %field = getelementptr inbounds %node, ptr addrspace(77) %p, i64 0, i32 2, i64 %i
; CHECK: %v = load ptr, ptr %field, align 8{{$}}
  %v = load ptr addrspace(77), ptr addrspace(77) %field, align 8, !tbaa !0
; CHECK: store ptr %v, ptr %q
  store ptr addrspace(77) %v, ptr %q
; CHECK: call void @llvm.memcpy.p0.p0.i64(ptr %local, ptr %p, i64 32, i1 false)
  call void @llvm.memcpy.p0.p77.i64(ptr %local, ptr addrspace(77) %p, i64 32, i1 false)
; CHECK: call void @llvm.memset.p0.i64(ptr %p, i8 0, i64 32, i1 false)
  call void @llvm.memset.p77.i64(ptr addrspace(77) %p, i8 0, i64 32, i1 false)
; CHECK: store volatile ptr null, ptr @slot
  store volatile ptr addrspace(77) null, ptr @slot
; CHECK: store ptr @static, ptr @tls
  store ptr addrspace(77) @static, ptr @tls
; CHECK: load i64, ptr getelementptr inbounds{{.*}} (%node.plain, ptr @nodes, i64 1, i32 1)
  %n = load i64, ptr getelementptr inbounds (%node, ptr @nodes, i64 1, i32 1)
; CHECK: ret i64 ptrtoint (ptr @static to i64)
  ret i64 ptrtoint (ptr addrspace(77) @static to i64)
}

; Casts between the spaces vanish, and the object that they are of is called directly.
; CHECK-LABEL: define ptr @casts(
define ptr @casts(ptr addrspace(77) %p, ptr %f) personality ptr @person {
; CHECK-NEXT: entry:
; CHECK-NEXT: %i = invoke {{.*}}ptr %f(ptr %p, { ptr, i1 } poison)
entry:
  %a = addrspacecast ptr addrspace(77) %p to ptr
  %b = addrspacecast ptr %a to ptr addrspace(77)
  %i = invoke ptr addrspace(77) %f(ptr addrspace(77) %b, { ptr addrspace(77), i1 } poison)
       to label %fine unwind label %bad
fine:
; CHECK: %phi = phi ptr [ %i, %entry ]
; CHECK-NEXT: %z = freeze ptr %phi
; CHECK-NEXT: ret ptr %z
  %phi = phi ptr addrspace(77) [ %i, %entry ]
  %z = freeze ptr addrspace(77) %phi
  %c = addrspacecast ptr addrspace(77) %z to ptr
  ret ptr %c
bad:
  %l = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %l
}
declare i32 @person(...)

; CHECK-LABEL: define ptr @jump(ptr %to, ptr %p)
define ptr addrspace(77) @jump(ptr %to, ptr addrspace(77) %p) {
  indirectbr ptr %to, [label %here, label %there]
here:
  ret ptr addrspace(77) null
there:
; CHECK: musttail call ptr @jump(ptr %to, ptr %p)
  %r = musttail call ptr addrspace(77) @jump(ptr %to, ptr addrspace(77) %p)
  ret ptr addrspace(77) %r
}

; CHECK-LABEL: define void @asm(
define void @asm(ptr addrspace(77) %p) {
; CHECK-NEXT: call void asm sideeffect "", "r,*m"(ptr %p, ptr elementtype(%node.plain) %p)
  call void asm sideeffect "", "r,*m"(ptr addrspace(77) %p, ptr addrspace(77) elementtype(%node) %p)
; CHECK-NEXT: call void @llvm.assume(i1 true) [ "align"(ptr %p, i64 16) ]
  call void @llvm.assume(i1 true) [ "align"(ptr addrspace(77) %p, i64 16) ]
; CHECK-NEXT: call void (ptr, ...) @variadic(ptr %p, ptr %p)
  call void (ptr addrspace(77), ...) @variadic(ptr addrspace(77) %p, ptr addrspace(77) %p)
  ret void
}
; CHECK: declare void @variadic(ptr, ...)
declare void @variadic(ptr addrspace(77), ...)

; A function without references is not touched.
; CHECK-LABEL: define ptr @untouched(ptr %p)
; CHECK-NEXT: %q = getelementptr %other, ptr %p, i64 1
define ptr @untouched(ptr %p) {
  %q = getelementptr %other, ptr %p, i64 1
  ret ptr %q
}

declare void @llvm.memcpy.p0.p77.i64(ptr, ptr addrspace(77), i64, i1)
declare void @llvm.memset.p77.i64(ptr addrspace(77), i8, i64, i1)
declare void @llvm.assume(i1)

!0 = !{!1, !1, i64 0}
!1 = !{!"pointer", !2}
!2 = !{!"root"}

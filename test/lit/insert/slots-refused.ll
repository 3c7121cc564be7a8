; What has no meaning with counted references is an error that names the function and says what to
; write instead. Each of these would lose or add a count in silence.
; RUN: split-file %s %t
; RUN: %python %S/Inputs/each-refused.py %t %opt

;--- union.ll
; CHECK: in function f {{.*}}cairn: memory that is declared to hold a reference is accessed as something else (a union with an integer
define i64 @f(ptr addrspace(77) %p) {
  %v = alloca ptr addrspace(77)
  store ptr addrspace(77) %p, ptr %v
  %i = load i64, ptr %v
  ret i64 %i
}

;--- union-global.ll
; CHECK: in function f {{.*}}cairn: memory that is declared to hold a reference is accessed as something else
@g = global { i64, ptr addrspace(77) } zeroinitializer
define void @f(i64 %i) {
  store i64 %i, ptr getelementptr (i8, ptr @g, i64 8)
  ret void
}

;--- union-store.ll
; CHECK: in function f {{.*}}cairn: a reference in memory that is declared to hold something else (a union)
define void @f(ptr addrspace(77) %p, ptr %escapes) {
  %v = alloca { i64 }
  store ptr addrspace(77) %p, ptr %v
  ret void
}

;--- union-bytes.ll
; CHECK: in function f {{.*}}cairn: memory on the stack that holds a reference is accessed as something else
define i32 @f(ptr addrspace(77) %p) {
  %v = alloca [8 x i8], align 8
  store ptr addrspace(77) %p, ptr %v
  %i = load i32, ptr %v
  ret i32 %i
}

;--- union-field.ll
; CHECK: in function f {{.*}}cairn: memory that is declared to hold a reference is accessed as something else
%node = type { i64, %either }
%either = type { ptr addrspace(77) }
define i64 @f(ptr addrspace(77) %p) {
  %f = getelementptr %node, ptr addrspace(77) %p, i32 0, i32 1
  %i = load i64, ptr addrspace(77) %f
  ret i64 %i
}

;--- thrown.ll
; CHECK: in function f {{.*}}cairn: a reference is thrown: an exception's memory does not start as null
declare ptr @__cxa_allocate_exception(i64)
define void @f(ptr addrspace(77) %p) {
  %e = call ptr @__cxa_allocate_exception(i64 8)
  store ptr addrspace(77) %p, ptr %e
  ret void
}

;--- undeclared.ll
; CHECK: in function f {{.*}}cairn: a reference in a variable that is not declared to hold one, and whose address escapes or varies
declare void @escape(ptr)
define void @f(ptr addrspace(77) %p) {
  %v = alloca [8 x i8], align 8
  store ptr addrspace(77) %p, ptr %v
  call void @escape(ptr %v)
  ret void
}

;--- inttoptr.ll
; CHECK: in function f {{.*}}cairn: an integer becomes a reference; keep the reference itself
define ptr addrspace(77) @f(i64 %i) {
  %p = inttoptr i64 %i to ptr addrspace(77)
  ret ptr addrspace(77) %p
}

;--- inttoptr-constant.ll
; CHECK: in function f {{.*}}cairn: an integer becomes a reference; keep the reference itself
define ptr addrspace(77) @f() {
  ret ptr addrspace(77) inttoptr (i64 5 to ptr addrspace(77))
}

;--- inttoptr-even.ll
; CHECK: in function f {{.*}}cairn: an integer that is not visibly odd becomes a reference; set the lowest bit
define ptr addrspace(77) @f(i64 %i) {
  %p = inttoptr i64 %i to ptr addrspace(77)
  ret ptr addrspace(77) %p
}
!llvm.module.flags = !{!0}
!0 = !{i32 1, !"cairn-immediates", i32 1}

;--- ptrtoint.ll
; CHECK: in function f {{.*}}cairn: a reference becomes an integer that is stored, passed or returned
define void @f(ptr addrspace(77) %p, ptr %to) {
  %i = ptrtoint ptr addrspace(77) %p to i64
  store i64 %i, ptr %to
  ret void
}

;--- asm.ll
; CHECK: in function f {{.*}}cairn: a reference is an operand of inline assembly; pass the plain pointer that cairn_ref_borrow gives
define void @f(ptr addrspace(77) %p) {
  call void asm sideeffect "", "r"(ptr addrspace(77) %p)
  ret void
}

;--- asm-memory.ll
; CHECK: in function f {{.*}}cairn: a reference is an operand of inline assembly
define void @f(ptr addrspace(77) %p) {
  %v = alloca ptr addrspace(77)
  store ptr addrspace(77) %p, ptr %v
  call void asm sideeffect "", "*m"(ptr elementtype(ptr addrspace(77)) %v)
  ret void
}

;--- atomic-load.ll
; CHECK: in function f {{.*}}cairn: an atomic access of a reference: a count cannot change together with it; use a lock
define ptr addrspace(77) @f(ptr addrspace(77) %p) {
  %v = load atomic ptr addrspace(77), ptr addrspace(77) %p acquire, align 8
  ret ptr addrspace(77) %v
}

;--- atomic-store.ll
; CHECK: in function f {{.*}}cairn: an atomic access of a reference
define void @f(ptr addrspace(77) %p) {
  store atomic ptr addrspace(77) %p, ptr addrspace(77) %p release, align 8
  ret void
}

;--- atomic-exchange.ll
; CHECK: in function f {{.*}}cairn: an atomic access of a reference
define ptr addrspace(77) @f(ptr addrspace(77) %p) {
  %v = atomicrmw xchg ptr addrspace(77) %p, ptr addrspace(77) %p seq_cst
  ret ptr addrspace(77) %v
}

;--- atomic-compare.ll
; CHECK: in function f {{.*}}cairn: an atomic access of a reference
define void @f(ptr addrspace(77) %p) {
  %v = cmpxchg ptr addrspace(77) %p, ptr addrspace(77) null, ptr addrspace(77) %p seq_cst seq_cst
  ret void
}

;--- atomic-integer.ll
; CHECK: in function f {{.*}}cairn: memory that is declared to hold a reference is accessed as something else
@g = global ptr addrspace(77) null
define i64 @f() {
  %v = load atomic i64, ptr @g acquire, align 8
  ret i64 %v
}

;--- space.ll
; CHECK: in function f {{.*}}cairn: a cast between references and address space 3
define ptr addrspace(3) @f(ptr addrspace(77) %p) {
  %v = addrspacecast ptr addrspace(77) %p to ptr addrspace(3)
  ret ptr addrspace(3) %v
}

;--- space-memory.ll
; CHECK: in function f {{.*}}cairn: a reference in memory of address space 3; keep references in fields, or in plain memory
define void @f(ptr addrspace(77) %p, ptr addrspace(3) %to) {
  store ptr addrspace(77) %p, ptr addrspace(3) %to
  ret void
}

;--- setjmp.ll
; CHECK: in function f {{.*}}cairn: a function with references calls one that returns twice (setjmp)
declare i32 @setjmp(ptr) returns_twice
define void @f(ptr addrspace(77) %p, ptr %b) {
  %v = call i32 @setjmp(ptr %b)
  ret void
}

;--- coroutine.ll
; CHECK: in function f {{.*}}cairn: a coroutine with references that is not split yet; run coro-early
define void @f(ptr addrspace(77) %p) presplitcoroutine {
  ret void
}

;--- dynamic.ll
; CHECK: in function f {{.*}}cairn: stack memory with references whose size is known at run time only; give it a constant size
declare void @escape(ptr)
define void @f(i64 %n) {
  %v = alloca ptr addrspace(77), i64 %n
  call void @escape(ptr %v)
  ret void
}

;--- loop.ll
; CHECK: in function f {{.*}}cairn: a variable with references that is not in the function's first block, and whose address escapes
declare void @escape(ptr)
define void @f(i1 %c) {
  br label %loop
loop:
  %v = alloca ptr addrspace(77)
  call void @escape(ptr %v)
  br i1 %c, label %loop, label %done
done:
  ret void
}

;--- bundle.ll
; CHECK: in function f {{.*}}cairn: the operand bundle 'deopt' has a reference
declare void @g()
define void @f(ptr addrspace(77) %p) {
  call void @g() [ "deopt"(ptr addrspace(77) %p) ]
  ret void
}

;--- gc.ll
; CHECK: in function f {{.*}}cairn: a function with a garbage collector ('gc "statepoint-example"')
define void @f(ptr addrspace(77) %p) gc "statepoint-example" {
  ret void
}

;--- intrinsic.ll
; CHECK: in function f {{.*}}cairn: the LLVM intrinsic 'llvm.ptrmask.p77.i64' has a reference as operand or result
define ptr addrspace(77) @f(ptr addrspace(77) %p) {
  %q = call ptr addrspace(77) @llvm.ptrmask.p77.i64(ptr addrspace(77) %p, i64 -8)
  ret ptr addrspace(77) %q
}

;--- varargs.ll
; CHECK: in function f {{.*}}cairn: va_arg of a structure with references
define void @f(ptr %list) {
  %v = va_arg ptr %list, { ptr addrspace(77), i64 }
  ret void
}

;--- interior-stored.ll
; CHECK: in function f {{.*}}cairn: a pointer into an object (&p->field) is stored; pass or store the reference to the object itself
define void @f(ptr addrspace(77) %p, ptr %to) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  store ptr addrspace(77) %f, ptr %to
  ret void
}

;--- interior-returned.ll
; CHECK: in function f {{.*}}cairn: a pointer into an object (&p->field) is returned
define ptr addrspace(77) @f(ptr addrspace(77) %p, i64 %i, i1 %c) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 %i
  %s = select i1 %c, ptr addrspace(77) %f, ptr addrspace(77) %p
  ret ptr addrspace(77) %s
}

;--- interior-owned.ll
; CHECK: in function f {{.*}}cairn: a pointer into an object (&p->field) is passed to a call that may keep it
define internal void @g(ptr addrspace(77) "cairn-owned" %p) {
  ret void
}
define void @f(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  call void @g(ptr addrspace(77) %f)
  ret void
}

;--- interior-unknown.ll
; CHECK: in function f {{.*}}cairn: a pointer into an object (&p->field) is passed to a call that may keep it
declare void @g(ptr addrspace(77))
define void @f(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  call void @g(ptr addrspace(77) %f)
  ret void
}

;--- interior-kept.ll
; CHECK: in function f {{.*}}cairn: a pointer into an object (&p->field) is passed to a call that may keep it
define void @g(ptr addrspace(77) %p, ptr %to) {
  store ptr addrspace(77) %p, ptr %to
  ret void
}
define void @f(ptr addrspace(77) %p, ptr %to) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  call void @g(ptr addrspace(77) %f, ptr %to)
  ret void
}

;--- interior-intrinsic.ll
; CHECK: in function f {{.*}}cairn: a pointer into an object (&p->field) is passed to a call that may keep it
declare i8 @cairn.ref.tag(ptr addrspace(77))
define i8 @f(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %t = call i8 @cairn.ref.tag(ptr addrspace(77) %f)
  ret i8 %t
}

;--- interior-structure.ll
; CHECK: in function f {{.*}}cairn: a pointer into an object (&p->field) is merged with other references, or put into a structure
define { ptr addrspace(77), i64 } @f(ptr addrspace(77) %p) {
  %f = getelementptr i8, ptr addrspace(77) %p, i64 8
  %s = insertvalue { ptr addrspace(77), i64 } zeroinitializer, ptr addrspace(77) %f, 0
  ret { ptr addrspace(77), i64 } %s
}

;--- indirect-owned.ll
; CHECK: in function f {{.*}}cairn: the call says 'cairn-owned' of argument 1, and a call through a pointer has the default convention
define void @f(ptr %callee, ptr addrspace(77) %p) {
  call void %callee(ptr addrspace(77) "cairn-owned" %p)
  ret void
}

;--- indirect-borrowed.ll
; CHECK: in function f {{.*}}cairn: the call says 'cairn-borrowed' of its result, and a call through a pointer has the default convention
define void @f(ptr %callee, ptr addrspace(77) %p) {
  %r = call "cairn-borrowed" ptr addrspace(77) %callee(ptr addrspace(77) %p)
  store i8 0, ptr addrspace(77) %r
  ret void
}

;--- indirect-invoke.ll
; CHECK: in function f {{.*}}cairn: the call says 'cairn-owned' of argument 2, and a call through a pointer has the default convention
declare i32 @__gxx_personality_v0(...)
define void @f(ptr %callee, <2 x ptr addrspace(77)> %p) personality ptr @__gxx_personality_v0 {
  invoke void %callee(i64 1, <2 x ptr addrspace(77)> "cairn-owned" %p) to label %end unwind label %pad
pad:
  %e = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %e
end:
  ret void
}

;--- alias-owned.ll
; CHECK: in function f {{.*}}cairn: the call says 'cairn-owned' of argument 1, and a call through a pointer has the default convention
define void @g(ptr addrspace(77) %p) {
  ret void
}
@other = alias void (ptr addrspace(77)), ptr @g
define void @f(ptr addrspace(77) %p) {
  call void @other(ptr addrspace(77) "cairn-owned" %p)
  ret void
}

;--- variable-owned.ll
; CHECK: in function f {{.*}}cairn: the call says 'cairn-owned' of argument 2, and variable arguments are borrowed
declare void @g(ptr addrspace(77) "cairn-owned", ...)
define void @f(ptr addrspace(77) %p) {
  call void (ptr addrspace(77), ...) @g(ptr addrspace(77) %p, ptr addrspace(77) "cairn-owned" %p)
  ret void
}

;--- declared-otherwise.ll
; CHECK: in function f {{.*}}cairn: the call says 'cairn-owned' of argument 1, and the declaration of 'g' does not
declare void @g(ptr addrspace(77))
define void @f(ptr addrspace(77) %p) {
  call void @g(ptr addrspace(77) "cairn-owned" %p)
  ret void
}

;--- declared-owned.ll
; CHECK: in function f {{.*}}cairn: the call says 'cairn-borrowed' of argument 1, and the declaration of 'g' does not
declare void @g(ptr addrspace(77) "cairn-owned")
define void @f(ptr addrspace(77) %p) {
  call void @g(ptr addrspace(77) "cairn-borrowed" %p)
  ret void
}

;--- declared-result.ll
; CHECK: in function f {{.*}}cairn: the call says 'cairn-borrowed' of its result, and the declaration of 'g' does not
declare ptr addrspace(77) @g()
define void @f() {
  %r = call "cairn-borrowed" ptr addrspace(77) @g()
  store i8 0, ptr addrspace(77) %r
  ret void
}

; An exception that leaves a function has to release what it holds: calls that may throw get a landing
; pad, with a predecessor of its own, so that each can release what is held there. All go on to one
; resume, where slots are cleared.
; RUN: split-file %s %t
; RUN: %opt -passes=cairn-slots,verify -S %t/good.ll | FileCheck %t/good.ll
; RUN: %opt -passes=cairn-slots,verify -S %t/c.ll | FileCheck %t/c.ll
; RUN: not %opt -passes=cairn-slots -S %t/funclets.ll 2>&1 | FileCheck %t/funclets.ll
; RUN: %opt -passes=cairn-slots,verify -S %t/nothrow.ll | FileCheck %t/nothrow.ll

;--- good.ll
target triple = "x86_64-unknown-linux-gnu"
declare i32 @__gxx_personality_v0(...)
declare void @use(ptr addrspace(77))
declare void @quiet(ptr addrspace(77)) nounwind
declare void @escape(ptr)
declare void @cairn.ref.share(ptr addrspace(77))

; CHECK-LABEL: define void @calls(
; CHECK: invoke void @use(ptr addrspace(77) %p)
; CHECK-NEXT: to label %[[NEXT:.*]] unwind label %[[PAD:.*]]
; CHECK: [[NEXT]]:
; CHECK-NEXT: call void @quiet(ptr addrspace(77) %p)
; CHECK-NEXT: call void @cairn.ref.share(ptr addrspace(77) %p)
; CHECK-NEXT: invoke void @use(ptr addrspace(77) %p)
; CHECK: [[PAD]]:
; CHECK-NEXT: landingpad { ptr, i32 }
; CHECK-NEXT: cleanup
; CHECK-NEXT: br label %[[END:.*]]
; CHECK: [[END]]:
; CHECK-NEXT: [[V:%.*]] = phi { ptr, i32 }
; CHECK-NEXT: resume { ptr, i32 } [[V]]
define void @calls(ptr addrspace(77) %p) personality ptr @__gxx_personality_v0 {
  call void @use(ptr addrspace(77) %p)
  call void @quiet(ptr addrspace(77) %p)
  call void @cairn.ref.share(ptr addrspace(77) %p)
  call void @use(ptr addrspace(77) %p)
  ret void
}

; A slot is cleared where the frame is unwound.
; CHECK-LABEL: define void @slot(
; CHECK: invoke void @escape(ptr %v)
; CHECK: phi { ptr, i32 }
; CHECK-NEXT: store ptr addrspace(77) null, ptr %v
; CHECK-NEXT: resume
define void @slot() personality ptr @__gxx_personality_v0 {
  %v = alloca ptr addrspace(77)
  call void @escape(ptr %v)
  ret void
}

; A landing pad that two calls share is split. It is entered even if none of its handlers fits.
; CHECK-LABEL: define void @shared(
; CHECK: unwind label %[[FIRST:.*]]
; CHECK: unwind label %[[SECOND:.*]]
; CHECK: [[SECOND]]:
; CHECK-NEXT: landingpad { ptr, i32 }
; CHECK-NEXT: cleanup
; CHECK-NEXT: catch ptr null
; CHECK-NEXT: br label %lpad
; CHECK: lpad:
; CHECK-NEXT: %l = phi { ptr, i32 }
; CHECK-NEXT: %which = phi i32 [ {{[12]}}, %{{.*}} ], [ {{[12]}}, %{{.*}} ]
; CHECK-NEXT: ret void
define void @shared(ptr addrspace(77) %p) personality ptr @__gxx_personality_v0 {
  invoke void @use(ptr addrspace(77) %p) to label %more unwind label %lpad
more:
  invoke void @use(ptr addrspace(77) %p) to label %done unwind label %lpad
done:
  ret void
lpad:
  %which = phi i32 [ 1, %0 ], [ 2, %more ]
  %l = landingpad { ptr, i32 } catch ptr null
  ret void
}

; What can be unwound and has no personality, as C++ without destructors, gets the module's.
; CHECK-LABEL: define void @bare(
; CHECK-SAME: personality ptr @__gxx_personality_v0
; CHECK: invoke void @use(ptr addrspace(77) %p)
define void @bare(ptr addrspace(77) %p) uwtable {
  call void @use(ptr addrspace(77) %p)
  ret void
}

; NEGATIVE: without references nothing changes.
; CHECK-LABEL: define void @other(
; CHECK: call void @escape(ptr %v)
define void @other(ptr %v) personality ptr @__gxx_personality_v0 {
  call void @escape(ptr %v)
  ret void
}

;--- c.ll
target triple = "x86_64-unknown-linux-gnu"
declare void @use(ptr addrspace(77))
; C with -fexceptions: the personality that runs cleanups only.
; CHECK-LABEL: define void @f(
; CHECK-SAME: personality ptr @__gcc_personality_v0
; CHECK: invoke void @use
define void @f(ptr addrspace(77) %p) uwtable {
  call void @use(ptr addrspace(77) %p)
  ret void
}

;--- nothrow.ll
target triple = "x86_64-unknown-linux-gnu"
declare void @use(ptr addrspace(77))
; NEGATIVE: no exception leaves these.
; CHECK-LABEL: define void @f(
; CHECK: call void @use
define void @f(ptr addrspace(77) %p) uwtable nounwind {
  call void @use(ptr addrspace(77) %p)
  ret void
}
; CHECK-LABEL: define void @g(
; CHECK: call void @use
define void @g(ptr addrspace(77) %p) {
  call void @use(ptr addrspace(77) %p)
  ret void
}

;--- funclets.ll
target triple = "wasm32-unknown-unknown"
declare i32 @__gxx_wasm_personality_v0(...)
declare void @use(ptr addrspace(77))
; CHECK: in function f {{.*}}cairn: an exception may leave or enter a function with references here, and this target's exceptions (funclets) cannot release them; {{.*}}: call void @use
define void @f(ptr addrspace(77) %p) personality ptr @__gxx_wasm_personality_v0 {
  call void @use(ptr addrspace(77) %p)
  ret void
}

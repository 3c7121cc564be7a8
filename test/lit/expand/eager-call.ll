; A slow path is called through a function of the module's own that jumps through the
; global offset table: the load of the address is out of the loop's way. In the large
; code model, which has no such jump, the address is in writable data. A function with the
; ordinary convention is called as ever, and so is WebAssembly's slow path.
; RUN: split-file %s %t
; RUN: %opt -passes="default<O2>" -S %t/small.ll | FileCheck %s --check-prefixes=CHECK,SMALL
; RUN: cat %t/small.ll %t/flags.ll > %t/large.ll
; RUN: %opt -passes="default<O2>" -S %t/large.ll | FileCheck %s --check-prefixes=CHECK,LARGE
; RUN: sed s/x86_64-unknown-linux-gnu/wasm32-unknown-unknown/ %t/small.ll | %opt -passes="default<O2>" -S | FileCheck %s --check-prefix=WASM
; RUN: %opt -passes="default<O2>" -S %t/small.ll | llc -relocation-model=pic | FileCheck %s --check-prefix=ASM
; RUN: sed s/x86_64-unknown-linux-gnu/aarch64-unknown-linux-gnu/ %t/small.ll | %opt -passes="default<O2>" -S | llc -relocation-model=pic | FileCheck %s --check-prefix=ARM

; LARGE: @cairn_rt_decref.address = internal global ptr @cairn_rt_decref
; CHECK-LABEL: define void @f(
; SMALL: call preserve_mostcc void @cairn_rt_decref.eager(
; LARGE: %[[AT:.*]] = load volatile ptr, ptr @cairn_rt_decref.address
; LARGE-NEXT: call preserve_mostcc void %[[AT]](
; CHECK: call {{(noundef )?}}ptr @cairn_rt_alloc_bytes(
; CHECK: declare preserve_mostcc void @cairn_rt_decref(ptr noundef) {{.*}}#[[EAGER:[0-9]+]]
; SMALL: define internal preserve_mostcc void @cairn_rt_decref.eager(ptr {{.*}}%0)
; SMALL-NEXT: musttail call preserve_mostcc void @cairn_rt_decref(ptr %0)
; SMALL-NEXT: ret void
; CHECK: attributes #[[EAGER]] = { {{.*}}nonlazybind

; WASM: call {{.*}}@cairn_rt_decref(
; WASM-NOT: .eager

; ASM-LABEL: f:
; ASM-NOT: GOTPCREL(%rip), %r
; ASM: callq cairn_rt_decref.eager
; ASM-LABEL: cairn_rt_decref.eager:
; ASM: jmpq *cairn_rt_decref@GOTPCREL(%rip)

; ARM-LABEL: f:
; ARM-NOT: :got:
; ARM: bl cairn_rt_decref.eager
; ARM-LABEL: cairn_rt_decref.eager:
; ARM: adrp [[R:x([0-8]|16|17)]], :got:cairn_rt_decref
; ARM: br [[R]]
;--- small.ll
target triple = "x86_64-unknown-linux-gnu"
declare void @cairn.decref(ptr)
declare ptr @cairn.alloc.bytes(i64)
declare void @use(ptr)
define void @f(ptr %from, i64 %n) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %at = getelementptr ptr, ptr %from, i64 %i
  %p = load ptr, ptr %at
  call void @cairn.decref(ptr nonnull %p)
  %next = add nuw i64 %i, 1
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %done
done:
  %q = call ptr @cairn.alloc.bytes(i64 %n)
  call void @use(ptr %q)
  ret void
}
;--- flags.ll
!llvm.module.flags = !{!0}
!0 = !{i32 1, !"Code Model", i32 4}

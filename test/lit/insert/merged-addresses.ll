; Two structures have a reference and a number at one offset. LLVM computes the address once, with the type of the field
; that comes first: the number stays one, is not refused, and its store of zero is no null reference, whose old value
; would be released.
; RUN: %opt -passes='cairn-managed<O2>' -S %s | FileCheck %s
; An optimiser that ran before leaves the same.
; RUN: %opt -passes='function(early-cse),cairn-managed<O2>' -S %s | FileCheck %s
; Negative: what is accessed as a number alone is refused.
; RUN: not %opt -passes='cairn-managed<O2>' -disable-output %S/Inputs/field-as-number.ll 2>&1 | FileCheck %s --check-prefix=REFUSED
; REFUSED: memory that is declared to hold a reference is accessed as something else

target triple = "x86_64-unknown-linux-gnu"

%pair = type { ptr addrspace(77), ptr addrspace(77) }
%number = type { ptr addrspace(77), i64 }

declare i8 @cairn.ref.tag(ptr addrspace(77))

; CHECK-LABEL: define {{.*}} @second(
; CHECK: number:
; CHECK-NOT: ref.decref
; CHECK: %v = load i64, ptr addrspace(77) %
; CHECK-NOT: ref.decref
; CHECK: store i64 0, ptr addrspace(77) %
; CHECK-NOT: ref.decref
; CHECK: br label
define i64 @second(ptr addrspace(77) "cairn-borrowed" %x, ptr %out) {
  %b = getelementptr inbounds %pair, ptr addrspace(77) %x, i64 0, i32 1
  %tag = call i8 @cairn.ref.tag(ptr addrspace(77) %x)
  %is.pair = icmp eq i8 %tag, 2
  br i1 %is.pair, label %pair, label %number
pair:
  %r = load ptr addrspace(77), ptr addrspace(77) %b
  %r.value = load i64, ptr addrspace(77) %r
  ret i64 %r.value
number:
  %n = getelementptr inbounds %number, ptr addrspace(77) %x, i64 0, i32 1
  %v = load i64, ptr addrspace(77) %n
  store volatile i64 1, ptr %out
  store i64 0, ptr addrspace(77) %n
  ret i64 %v
}

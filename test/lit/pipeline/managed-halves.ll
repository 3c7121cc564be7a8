; At -O1 and up, cairn-managed waits for LLVM's own first simplification of each function, and does
; not repeat it. It goes on before LLVM looks at two functions together, and leaves no trace of the
; halves. By name it does everything at once.
;
; RUN: %opt -passes='default<O2>' -debug-pass-manager -S %s 2>&1 | FileCheck %s
; RUN: %opt -passes='default<O2>' -S %s | FileCheck %s --check-prefix=NONE
; RUN: %opt -passes='cairn-import,cairn-managed<O2>' -debug-pass-manager -S %s 2>&1 | FileCheck %s --check-prefix=ALONE
; A function that has its counts may have to be kept apart: nothing waits.
; RUN: sed '/^define i32/s/{/"cairn-counts-inserted" {/' %s > %t.mixed.ll
; RUN: %opt -passes='default<O2>' -debug-pass-manager -S %t.mixed.ll 2>&1 | FileCheck %s --check-prefix=MIXED
; The back end of a link with thin LTO has the second place alone.
; RUN: not %opt -passes='thinlto<O2>' -disable-output %s 2>&1 | FileCheck %s --check-prefix=THIN

; CHECK: Running pass: cairn::ManagedPass
; CHECK-NOT: {{SROAPass|PromotePass}} on caller
; CHECK: Running pass: CoroEarlyPass
; CHECK: Running pass: SROAPass on caller
; CHECK: Running pass: EarlyCSEPass on caller
; CHECK: Running pass: cairn::ManagedPass
; CHECK-NOT: EarlyCSEPass on caller
; CHECK: Running pass: IPSCCPPass
; NONE-NOT: cairn.begun
; ALONE: Running pass: cairn::ManagedPass
; ALONE: EarlyCSEPass on caller
; MIXED: Running pass: cairn::ManagedPass
; MIXED: EarlyCSEPass on caller
; MIXED: Running pass: CoroEarlyPass
; MIXED: Running pass: cairn::ManagedPass
; THIN: error: {{.*}}counts

define ptr addrspace(77) @caller(ptr addrspace(77) %r, i1 %c) {
  %s = getelementptr i8, ptr addrspace(77) %r, i64 8
  %t = load ptr addrspace(77), ptr addrspace(77) %s
  ret ptr addrspace(77) %t
}

define i32 @plain(ptr %p) {
  %v = load i32, ptr %p
  ret i32 %v
}

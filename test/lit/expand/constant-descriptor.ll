; A constant descriptor that the runtime must number becomes writable, so that its number
; is read and not looked up. What has its header word already stays constant, and so does
; one whose section is named: the runtime numbers that beside it.
; RUN: %opt -passes="default<O2>" -S %s | FileCheck %s

; CHECK-DAG: @final = internal global
; CHECK-DAG: @shown = {{.*}}global %cairn_type { i32 24
; CHECK-DAG: @placed = internal constant {{.*}}section ".rodata.mine"
; CHECK-DAG: @plain = internal constant
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@final = internal constant %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @bye, ptr null }
@shown = constant %cairn_type { i32 24, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @bye, ptr null }
@placed = internal constant %cairn_type { i32 32, i16 8, i16 0, i32 0, i32 0, ptr null, ptr @bye, ptr null }, section ".rodata.mine"
@plain = internal constant %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

declare void @bye(ptr)
declare void @use(ptr, ptr)
declare ptr @cairn.alloc(ptr)

; CHECK-LABEL: define void @f(
; CHECK: load atomic i32, ptr {{.*}}@final
define void @f() {
  %a = call ptr @cairn.alloc(ptr @final)
  call void @use(ptr %a, ptr @plain)
  %b = call ptr @cairn.alloc(ptr @shown)
  call void @use(ptr %b, ptr @plain)
  %c = call ptr @cairn.alloc(ptr @placed)
  call void @use(ptr %c, ptr @plain)
  %d = call ptr @cairn.alloc(ptr @plain)
  call void @use(ptr %d, ptr @plain)
  ret void
}

; A call whose operands are constants says more than the declaration: it cannot fail by
; a wrong request, reads nothing of the program's, and may be 16-byte aligned. The
; descriptor travels with the call, to modules that see only its declaration.
; RUN: %opt -passes=cairn-import -S %s | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

@fields = internal constant [2 x i32] [i32 0, i32 8]
@node = internal global %cairn_type { i32 24, i16 8, i16 2, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@vector = internal global %cairn_type { i32 32, i16 16, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
@elsewhere = external global %cairn_type

declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.array(ptr, i64)
declare ptr @cairn.alloc.bytes(i64)
declare ptr @cairn.malloc(i64)

; CHECK: call nonnull ptr @cairn.alloc(ptr @node) [[NODE:#[0-9]+]]
; CHECK: call nonnull align 16 ptr @cairn.alloc(ptr @vector) [[VECTOR:#[0-9]+]]
; CHECK: call nonnull ptr @cairn.alloc.bytes(i64 5)
; CHECK: call align 16 ptr @cairn.malloc(i64 48)
; Negative: the runtime may find these wrong.
; CHECK: call ptr @cairn.alloc(ptr @elsewhere){{$}}
; CHECK: call ptr @cairn.alloc.bytes(i64 2147483648){{$}}
; CHECK: call ptr @cairn.alloc.array(ptr @node, i64 %n)
; CHECK: call ptr @cairn.malloc(i64 40){{$}}
define void @f(i64 %n) {
  %a = call ptr @cairn.alloc(ptr @node)
  %b = call ptr @cairn.alloc(ptr @vector)
  %c = call ptr @cairn.alloc.bytes(i64 5)
  %d = call ptr @cairn.malloc(i64 48)
  %e = call ptr @cairn.alloc(ptr @elsewhere)
  %f = call ptr @cairn.alloc.bytes(i64 2147483648)
  %g = call ptr @cairn.alloc.array(ptr @node, i64 %n)
  %h = call ptr @cairn.malloc(i64 40)
  ret void
}

; CHECK: attributes [[NODE]] = { memory(inaccessiblemem: readwrite) "cairn-type"="24,8,2197815299,0,0,8" }
; CHECK: attributes [[VECTOR]] = { memory(inaccessiblemem: readwrite) "cairn-type"="32,16,2231369728,0" }

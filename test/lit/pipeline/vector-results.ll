; A call that may throw and has a vector of references as its result. LLVM's SLP vectorizer finds a phi of
; the vector's elements and makes one of the whole vector of it. For an element that is used elsewhere, it
; then puts an instruction behind the invoke, where none can be (llvm-project's issue 199021). It does not
; with a freeze of the vector in between.
; RUN: %opt -passes=cairn-import,cairn-managed -S %s | FileCheck %s
; RUN: %opt -passes='default<O3>' -verify-each -disable-output %s
; RUN: %opt -passes='lto-pre-link<O3>' -verify-each -disable-output %s
; RUN: %opt -passes='cairn-import,cairn-insert,default<O3>' -verify-each -disable-output %s
; RUN: %opt -passes=cairn-import,cairn-managed,cairn-certify -disable-output %s

target triple = "x86_64-unknown-linux-gnu"

%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node.fields = internal constant [1 x i32] [i32 0]
@node = internal global %type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @node.fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare i64 @pick()
declare i32 @__gxx_personality_v0(...)

; CHECK-LABEL: @pair(
; CHECK: %[[PAIR:.*]] = invoke <2 x ptr addrspace(77)> @pair(
; CHECK-NEXT: to label %[[OK:.*]] unwind
; CHECK: [[OK]]:
; CHECK-NEXT: %[[FROZEN:.*]] = freeze <2 x ptr addrspace(77)> %[[PAIR]]
; CHECK-NOT: extractelement <2 x ptr addrspace(77)> %[[PAIR]]
; CHECK: extractelement <2 x ptr addrspace(77)> %[[FROZEN]]
define <2 x ptr addrspace(77)> @pair(i1 %c, ptr %slot) personality ptr @__gxx_personality_v0 {
start:
  br label %outer

outer:
  %v6 = phi ptr addrspace(77) [ null, %start ], [ %v10, %inner ]
  %v10 = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %v6, ptr addrspace(77) %v10
  br label %inner

inner:
  %pair = call <2 x ptr addrspace(77)> @pair(i1 false, ptr %slot)
  %p = call i64 @pick()
  %way = trunc i64 %p to i2
  switch i2 %way, label %last [
    i2 0, label %outer
    i2 1, label %inner
  ]

last:
  br i1 %c, label %other, label %end

other:
  %v34 = load volatile ptr addrspace(77), ptr %slot
  br label %end

end:
  %result = phi <2 x ptr addrspace(77)> [ zeroinitializer, %other ], [ %pair, %last ]
  ret <2 x ptr addrspace(77)> %result
}

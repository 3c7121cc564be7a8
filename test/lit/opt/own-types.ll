; In a module whose references all come from its own allocations every object has a tag, so that its byte alone is
; compared. Where all objects with a tag are of one type, a test of the tag tells the type, and whether a reference is
; the last is seen by the count alone.
; RUN: %opt -passes=cairn-managed -S %s | FileCheck %s
; RUN: sed 's/define internal i64 @sum/define i64 @sum/' %s | %opt -passes=cairn-managed -S | FileCheck %s --check-prefix=OPEN
; RUN: sed 's/; several: //' %s | %opt -passes=cairn-managed -S | FileCheck %s --check-prefix=SEVERAL
; RUN: sed 's/; bytes: //' %s | %opt -passes=cairn-managed -S | FileCheck %s --check-prefix=OPEN
; RUN: sed 's/; adopt: //' %s | %opt -passes=cairn-managed -S | FileCheck %s --check-prefix=OPEN
; RUN: sed 's/; load: //' %s | %opt -passes=cairn-managed -S | FileCheck %s --check-prefix=OPEN
; RUN: sed 's/; tag: //' %s | %opt -passes=cairn-managed -S | FileCheck %s --check-prefix=OPEN
; RUN: %opt -passes='cairn-managed,cairn-lower' -S %s | FileCheck %s --check-prefix=LOWERED

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@both = internal constant [2 x i32] [i32 0, i32 8]
@tree = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @both, ptr null, ptr null }
@leaf = internal global %cairn_type { i32 8, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }

declare ptr addrspace(77) @cairn.ref.alloc.tagged(ptr, i8)
declare ptr addrspace(77) @cairn.ref.alloc.bytes(i64)
declare ptr addrspace(77) @cairn.ref.adopt(ptr)
declare i8 @cairn.ref.tag(ptr addrspace(77))
declare void @cairn.ref.set.tag(ptr addrspace(77), i8)
declare ptr @outside()
declare i64 @number()

; CHECK-LABEL: @take(
; CHECK: call i8 @cairn.ref.tag({{.*}}) #[[TYPED:[0-9]+]]
; CHECK: call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 {{-?[0-9]+}}, i32 0)
; CHECK: attributes #[[TYPED]] = {{.*}}"cairn-typed"
; LOWERED-LABEL: @take(
; LOWERED: load i8, ptr
; LOWERED-NOT: load i16

; Negative: others may give it an object, of which nothing is known; or an object gets another tag.
; OPEN-LABEL: @take(
; OPEN: call i8 @cairn.ref.tag({{.*}}%x)
; OPEN: call i1 @cairn.ref.is.last(ptr addrspace(77) %x, i32 {{-?[0-9]+}}, i32 -16711681)
; OPEN-NOT: "cairn-typed"

; Negative: objects of two types have the tag. All have one.
; SEVERAL-LABEL: @take(
; SEVERAL-NOT: i32 0)
; SEVERAL: "cairn-typed"
define internal ptr addrspace(77) @take(ptr addrspace(77) "cairn-owned" %x) noinline {
  %t = call i8 @cairn.ref.tag(ptr addrspace(77) %x)
  %is = icmp eq i8 %t, 3
  br i1 %is, label %node, label %other
node:
  %l = load ptr addrspace(77), ptr addrspace(77) %x
  ret ptr addrspace(77) %l
other:
  ret ptr addrspace(77) null
}

define internal i64 @sum(ptr addrspace(77) %x) noinline {
  %l = call ptr addrspace(77) @take(ptr addrspace(77) %x)
  %none = icmp eq ptr addrspace(77) %l, null
  %n = zext i1 %none to i64
  ret i64 %n
}

define i64 @run() {
  %n = call i64 @number()
  %leaf = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @leaf, i8 1)
  store i64 %n, ptr addrspace(77) %leaf
  ; several: %also = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @leaf, i8 3)
  ; several: store i64 %n, ptr addrspace(77) %also
  ; several: %last = call i64 @sum(ptr addrspace(77) %also)
  ; bytes: %string = call ptr addrspace(77) @cairn.ref.alloc.bytes(i64 %n)
  ; bytes: %length = call i64 @sum(ptr addrspace(77) %string)
  ; adopt: %plain = call ptr @outside()
  ; adopt: %adopted = call ptr addrspace(77) @cairn.ref.adopt(ptr %plain)
  ; adopt: %its = call i64 @sum(ptr addrspace(77) %adopted)
  ; load: %place = call ptr @outside()
  ; load: %loaded = load ptr addrspace(77), ptr %place
  ; load: %its = call i64 @sum(ptr addrspace(77) %loaded)
  ; tag: %m = trunc i64 %n to i8
  ; tag: call void @cairn.ref.set.tag(ptr addrspace(77) %leaf, i8 %m)
  %node = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @tree, i8 3)
  store ptr addrspace(77) %leaf, ptr addrspace(77) %node
  %at = getelementptr inbounds i8, ptr addrspace(77) %node, i64 8
  store ptr addrspace(77) %leaf, ptr addrspace(77) %at
  %s = call i64 @sum(ptr addrspace(77) %node)
  ret i64 %s
}

; An object whose contents are constants is a static object: no allocation, no count, and its tag is known.
; RUN: %opt -passes='cairn-statics,verify,cairn-insert<O2>,cairn-certify' -pass-remarks=cairn-statics -S %s 2>&1 | FileCheck %s

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@number = internal global %type { i32 8, i16 8, i16 0, i32 -2130706432, i32 0, ptr null, ptr null, ptr null }
@pair.fields = internal constant [2 x i32] [i32 0, i32 8]
@pair = internal global %type { i32 16, i16 8, i16 2, i32 -2113929213, i32 0, ptr @pair.fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare ptr addrspace(77) @cairn.ref.alloc.tagged(ptr, i8)
declare i8 @cairn.ref.tag(ptr addrspace(77))

; CHECK: remark: {{.*}}an allocation became a static object: its contents are constants
; CHECK: remark: {{.*}}an allocation became a choice between two static objects: its contents are constants

; CHECK-DAG: @[[SEVEN:cairn.constant[.0-9]*]] = internal global {{.*}}<{ i32 1953718627, i32 8, i32 -1610612736, i32 -2130706432, <{ i64 }> <{ i64 7 }> }>, section "cairn_static", align 16
; CHECK-DAG: @[[PAIR:cairn.constant[.0-9]*]] = internal global {{.*}}<{ i32 1953718627, i32 16, i32 -1610612736, i32 -2113732605, <{ ptr, [8 x i8] }> <{ ptr getelementptr inbounds (i8, ptr @[[SEVEN]], i64 16), [8 x i8] zeroinitializer }> }>, section "cairn_static"
; CHECK-DAG: @llvm.global_ctors = {{.*}} i32 101, ptr @cairn.static.begin

; One object, however many sites make it.
; CHECK-LABEL: @one(
; CHECK-NEXT: ret ptr addrspace(77) addrspacecast (ptr getelementptr inbounds (i8, ptr @[[SEVEN]], i64 16) to ptr addrspace(77))
define internal ptr addrspace(77) @one() {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
  store i64 7, ptr addrspace(77) %a
  ret ptr addrspace(77) %a
}
; CHECK-LABEL: @same(
; CHECK-NEXT: ret ptr addrspace(77) addrspacecast (ptr getelementptr inbounds (i8, ptr @[[SEVEN]], i64 16) to ptr addrspace(77))
define internal ptr addrspace(77) @same() {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
  store i64 7, ptr addrspace(77) %a
  ret ptr addrspace(77) %a
}

; A constant tree, and the tag of its root.
; CHECK-LABEL: @tree(
; CHECK-NEXT: %t8 = zext i8 3 to i64
; CHECK-NEXT: ret ptr addrspace(77) addrspacecast (ptr getelementptr inbounds (i8, ptr @[[PAIR]], i64 16) to ptr addrspace(77))
define internal ptr addrspace(77) @tree() {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
  store i64 7, ptr addrspace(77) %a
  %p = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @pair, i8 3)
  store ptr addrspace(77) %a, ptr addrspace(77) %p
  %right = getelementptr i8, ptr addrspace(77) %p, i64 8
  store ptr addrspace(77) null, ptr addrspace(77) %right
  %t = call i8 @cairn.ref.tag(ptr addrspace(77) %p)
  %t8 = zext i8 %t to i64
  ret ptr addrspace(77) %p
}

; A constructor without fields.
; CHECK-LABEL: @empty(
; CHECK-NEXT: ret ptr addrspace(77) addrspacecast (
define internal ptr addrspace(77) @empty() {
  %a = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @pair, i8 1)
  ret ptr addrspace(77) %a
}

; One condition: two objects. Neither the choice nor the φ of it is counted.
; CHECK-LABEL: @choice(
; CHECK-NOT: cairn.ref
; CHECK: %constant = select i1 %c, ptr addrspace(77) addrspacecast
; CHECK-NOT: cairn.ref
; CHECK: ret ptr addrspace(77) %p
define internal ptr addrspace(77) @choice(i1 %c, i1 %d) {
entry:
  br i1 %d, label %one, label %other
one:
  %w = zext i1 %c to i32
  %x = sext i32 %w to i64
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
  store i64 %x, ptr addrspace(77) %a
  br label %join
other:
  %b = call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
  store i64 9, ptr addrspace(77) %b
  br label %join
join:
  %p = phi ptr addrspace(77) [ %a, %one ], [ %b, %other ]
  ret ptr addrspace(77) %p
}

; Negative: what is stored is known at run time only.
; CHECK-LABEL: @variable(
; CHECK-NEXT: call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
define internal ptr addrspace(77) @variable(i64 %n) {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
  store i64 %n, ptr addrspace(77) %a
  ret ptr addrspace(77) %a
}

; Negative: the other values of two conditions would be four objects.
; CHECK-LABEL: @conditions(
; CHECK: call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @pair
define internal ptr addrspace(77) @conditions(i1 %c, i1 %d) {
  %n = select i1 %c, ptr addrspace(77) addrspacecast (ptr getelementptr (i8, ptr @number, i64 16) to ptr addrspace(77)), ptr addrspace(77) null
  %m = select i1 %d, ptr addrspace(77) addrspacecast (ptr getelementptr (i8, ptr @number, i64 16) to ptr addrspace(77)), ptr addrspace(77) null
  %p = call ptr addrspace(77) @cairn.ref.alloc.tagged(ptr @pair, i8 3)
  store ptr addrspace(77) %n, ptr addrspace(77) %p
  %right = getelementptr i8, ptr addrspace(77) %p, i64 8
  store ptr addrspace(77) %m, ptr addrspace(77) %right
  ret ptr addrspace(77) %p
}

; Negative: it is stored into on one way only.
; CHECK-LABEL: @later(
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
define internal ptr addrspace(77) @later(i1 %c) {
entry:
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
  store i64 1, ptr addrspace(77) %a
  br i1 %c, label %two, label %end
two:
  store i64 2, ptr addrspace(77) %a
  br label %end
end:
  ret ptr addrspace(77) %a
}

; Negative: it is seen before it has its contents.
; CHECK-LABEL: @seen(
; CHECK: call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
define internal ptr addrspace(77) @seen() {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @number)
  store i64 1, ptr addrspace(77) %a
  %v = load i64, ptr addrspace(77) %a
  store i64 2, ptr addrspace(77) %a
  ret ptr addrspace(77) %a
}

; CHECK-LABEL: define internal void @cairn.static.begin()
; CHECK-NEXT: call i1 @cairn_static_add(ptr @__start_cairn_static, ptr @__stop_cairn_static)

; Where ways meet of which one knows a tag, and the tag is tested again behind, the blocks between are copied: each way
; tests each tag once.
; RUN: %opt -passes=cairn-lower,verify -S %s | FileCheck %s
; RUN: %opt -passes='cairn-lower<O0>' -S %s | FileCheck %s --check-prefix=O0

target triple = "x86_64-unknown-linux-gnu"
declare i8 @cairn.tag(ptr)
declare void @cairn.set.tag(ptr, i8)
declare void @unknown()

; The way on which the tag of %x is 0 ends with 3 and the other with 4, without a second test.
; CHECK-LABEL: define i64 @twice(
; CHECK: br i1 %zero, label %value, label %[[KNOWN:.*]]
; CHECK: join:
; CHECK-NOT: %zero
; CHECK: select i1 %w0, i64 2, i64 3
; CHECK: [[KNOWN]]:
; CHECK-NOT: %zero
; CHECK: select i1 %{{.*}}, i64 2, i64 4
; CHECK: ret
; O0-LABEL: define i64 @twice(
; O0-NOT: .known
; O0: ret i64 4
define i64 @twice(ptr %x, ptr %y) {
entry:
  %tx = call i8 @cairn.tag(ptr %x)
  %zero = icmp eq i8 %tx, 0
  br i1 %zero, label %value, label %join
value:
  %v = load i64, ptr %x
  %v0 = icmp eq i64 %v, 0
  br i1 %v0, label %one, label %join
join:
  %w = load i64, ptr %y
  %w0 = icmp eq i64 %w, 0
  br i1 %w0, label %two, label %again
again:
  br i1 %zero, label %three, label %four
one:
  ret i64 1
two:
  ret i64 2
three:
  ret i64 3
four:
  ret i64 4
}

; Another test of the same tag: what is known of it decides 3 as well.
; CHECK-LABEL: define i64 @other(
; CHECK: join:
; CHECK-NOT: -32765
; CHECK: br i1 %w0, label %{{.*}}, label %four
; CHECK: .known:
; CHECK: icmp eq i16 %{{.*}}, -32765
; CHECK: ret
define i64 @other(ptr %x, ptr %y) {
entry:
  %tx = call i8 @cairn.tag(ptr %x)
  %zero = icmp eq i8 %tx, 0
  br i1 %zero, label %value, label %join
value:
  %v = load i64, ptr %x
  %v0 = icmp eq i64 %v, 0
  br i1 %v0, label %one, label %join
join:
  %w = load i64, ptr %y
  %w0 = icmp eq i64 %w, 0
  br i1 %w0, label %two, label %again
again:
  %is = icmp eq i8 %tx, 3
  br i1 %is, label %three, label %four
one:
  ret i64 1
two:
  ret i64 2
three:
  ret i64 3
four:
  ret i64 4
}

; A test that is one of two conditions.
; CHECK-LABEL: define i64 @both(
; CHECK: join:
; CHECK-NOT: %zero
; CHECK: .known:
; CHECK-NOT: %zero
; CHECK: ret
define i64 @both(ptr %x, ptr %y) {
entry:
  %tx = call i8 @cairn.tag(ptr %x)
  %zero = icmp eq i8 %tx, 0
  br i1 %zero, label %value, label %join
value:
  %v = load i64, ptr %x
  %v0 = icmp eq i64 %v, 0
  br i1 %v0, label %one, label %join
join:
  %w = load i64, ptr %y
  %w0 = icmp eq i64 %w, 0
  br i1 %w0, label %two, label %again
again:
  %w1 = icmp eq i64 %w, 1
  %and = and i1 %w1, %zero
  br i1 %and, label %three, label %four
one:
  ret i64 1
two:
  ret i64 2
three:
  ret i64 3
four:
  ret i64 4
}

; Negative: somebody may have set another tag, and it was read again.
; CHECK-LABEL: define i64 @changed(
; CHECK-NOT: .known:
; CHECK: load i16
; CHECK: load i16
; CHECK: ret
define i64 @changed(ptr %x, ptr %y) {
entry:
  %tx = call i8 @cairn.tag(ptr %x)
  %zero = icmp eq i8 %tx, 0
  br i1 %zero, label %value, label %join
value:
  %v = load i64, ptr %x
  %v0 = icmp eq i64 %v, 0
  br i1 %v0, label %one, label %join
join:
  call void @unknown()
  %w = load i64, ptr %y
  %w0 = icmp eq i64 %w, 0
  br i1 %w0, label %two, label %again
again:
  %t2 = call i8 @cairn.tag(ptr %x)
  %zero2 = icmp eq i8 %t2, 0
  br i1 %zero2, label %three, label %four
one:
  ret i64 1
two:
  ret i64 2
three:
  ret i64 3
four:
  ret i64 4
}

; Negative: the function sets it.
; CHECK-LABEL: define i64 @sets(
; CHECK-NOT: .known:
; CHECK: ret
define i64 @sets(ptr %x, ptr %y) {
entry:
  %tx = call i8 @cairn.tag(ptr %x)
  %zero = icmp eq i8 %tx, 0
  br i1 %zero, label %value, label %join
value:
  %v = load i64, ptr %x
  %v0 = icmp eq i64 %v, 0
  br i1 %v0, label %one, label %join
join:
  call void @cairn.set.tag(ptr %x, i8 1)
  %w = load i64, ptr %y
  %w0 = icmp eq i64 %w, 0
  br i1 %w0, label %two, label %again
again:
  %t2 = call i8 @cairn.tag(ptr %x)
  %zero2 = icmp eq i8 %t2, 0
  br i1 %zero2, label %three, label %four
one:
  ret i64 1
two:
  ret i64 2
three:
  ret i64 3
four:
  ret i64 4
}

; Negative: a call is not copied.
; CHECK-LABEL: define i64 @calls(
; CHECK-NOT: .known:
; CHECK: call void @unknown
; CHECK-NOT: call void @unknown
; CHECK: ret
define i64 @calls(ptr %x, ptr %y) {
entry:
  %tx = call i8 @cairn.tag(ptr %x)
  %zero = icmp eq i8 %tx, 0
  br i1 %zero, label %value, label %join
value:
  %v = load i64, ptr %x
  %v0 = icmp eq i64 %v, 0
  br i1 %v0, label %one, label %join
join:
  call void @unknown()
  %w = load i64, ptr %y
  %w0 = icmp eq i64 %w, 0
  br i1 %w0, label %two, label %again
again:
  br i1 %zero, label %three, label %four
one:
  ret i64 1
two:
  ret i64 2
three:
  ret i64 3
four:
  ret i64 4
}

; Negative: the function is to be small.
; CHECK-LABEL: define i64 @small(
; CHECK-NOT: .known:
; CHECK: ret
define i64 @small(ptr %x, ptr %y) optsize {
entry:
  %tx = call i8 @cairn.tag(ptr %x)
  %zero = icmp eq i8 %tx, 0
  br i1 %zero, label %value, label %join
value:
  %v = load i64, ptr %x
  %v0 = icmp eq i64 %v, 0
  br i1 %v0, label %one, label %join
join:
  %w = load i64, ptr %y
  %w0 = icmp eq i64 %w, 0
  br i1 %w0, label %two, label %again
again:
  br i1 %zero, label %three, label %four
one:
  ret i64 1
two:
  ret i64 2
three:
  ret i64 3
four:
  ret i64 4
}

; Negative: the object is another one in each round.
; CHECK-LABEL: define i64 @walk(
; CHECK: load i16
; CHECK: ret
define i64 @walk(ptr %x) {
entry:
  br label %loop
loop:
  %o = phi ptr [ %x, %entry ], [ %next, %more ]
  %t = call i8 @cairn.tag(ptr %o)
  %zero = icmp eq i8 %t, 0
  br i1 %zero, label %leaf, label %more
more:
  %next = load ptr, ptr %o
  br label %loop
leaf:
  br i1 %zero, label %one, label %two
one:
  ret i64 1
two:
  ret i64 2
}

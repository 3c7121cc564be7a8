; A tag that is compared with a constant is not computed: the half of the header word that holds it
; is compared, where bytes come before all objects with a tag. At -O0 the tag is computed.
; RUN: %opt -passes=cairn-lower -S %s | FileCheck %s --implicit-check-not=@cairn.
; RUN: %opt -passes='cairn-lower<O0>' -S %s | FileCheck %s --check-prefix=O0

target triple = "x86_64-unknown-linux-gnu"
declare i8 @cairn.tag(ptr)

; O0-NOT: load i16

; 0x80ff and 0x8003
; CHECK-LABEL: define i1 @equal(
; CHECK-NEXT: %[[AT:.*]] = getelementptr {{.*}}i8, ptr %p, i64 -2
; CHECK-NEXT: %[[HALF:.*]] = load i16, ptr %[[AT]], align 2
; CHECK-NEXT: %[[BITS:.*]] = and i16 %[[HALF]], -32513
; CHECK-NEXT: %is = icmp eq i16 %[[BITS]], -32765
; CHECK-NEXT: ret i1 %is
define i1 @equal(ptr %p) {
  %t = call i8 @cairn.tag(ptr %p)
  %is = icmp eq i8 %t, 3
  ret i1 %is
}

; What has no tag has tag 0.
; CHECK-LABEL: define i1 @zero(
; CHECK: icmp u{{le|lt}} i16 %{{.*}}, -3276{{8|7}}
define i1 @zero(ptr %p) {
  %t = call i8 @cairn.tag(ptr %p)
  %is = icmp eq i8 %t, 0
  ret i1 %is
}

; CHECK-LABEL: define i1 @less(
; CHECK: icmp ult i16 %{{.*}}, -32763
define i1 @less(ptr %p) {
  %t = call i8 @cairn.tag(ptr %p)
  %is = icmp ult i8 %t, 5
  ret i1 %is
}

; The tags from 0 up that go one way are one comparison. The phi has a value for each way still.
; CHECK-LABEL: define i32 @ways(
; CHECK: icmp u{{.*}} i16 %[[BITS:.*]], -3276
; CHECK-NOT: i8
; CHECK: ret i32
define i32 @ways(ptr %p, i32 %a) {
  %t = call i8 @cairn.tag(ptr %p)
  switch i8 %t, label %other [
    i8 0, label %end
    i8 1, label %end
    i8 5, label %five
  ]
five:
  %f = mul i32 %a, %a
  br label %end
other:
  %o = add i32 %a, 1
  br label %end
end:
  %r = phi i32 [ %a, %0 ], [ %a, %0 ], [ %f, %five ], [ %o, %other ]
  ret i32 %r
}

; Negative: four ways besides are a table, for which the tag is computed.
; CHECK-LABEL: define i32 @table(
; CHECK-NOT: load i16
; CHECK: ret i32
define i32 @table(ptr %p, i32 %a) {
  %t = call i8 @cairn.tag(ptr %p)
  switch i8 %t, label %other [
    i8 1, label %one
    i8 2, label %two
    i8 3, label %three
    i8 4, label %other
  ]
one:
  ret i32 1
two:
  ret i32 %a
three:
  ret i32 7
other:
  ret i32 0
}

; Negative: a comparison as a signed number.
; CHECK-LABEL: define i1 @signed(
; CHECK: load i32
define i1 @signed(ptr %p) {
  %t = call i8 @cairn.tag(ptr %p)
  %is = icmp slt i8 %t, 0
  ret i1 %is
}

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

; All tags go one way. To compare from 0 up would never come to an end.
; CHECK-LABEL: @all(
; CHECK: ret i32
define i32 @all(ptr %p) {
  %t = call i8 @cairn.tag(ptr %p)
  switch i8 %t, label %c [
    i8 -128, label %a i8 -127, label %a i8 -126, label %a i8 -125, label %a i8 -124, label %a i8 -123, label %a
    i8 -122, label %a i8 -121, label %a i8 -120, label %a i8 -119, label %a i8 -118, label %a i8 -117, label %a
    i8 -116, label %a i8 -115, label %a i8 -114, label %a i8 -113, label %a i8 -112, label %a i8 -111, label %a
    i8 -110, label %a i8 -109, label %a i8 -108, label %a i8 -107, label %a i8 -106, label %a i8 -105, label %a
    i8 -104, label %a i8 -103, label %a i8 -102, label %a i8 -101, label %a i8 -100, label %a i8 -99, label %a
    i8 -98, label %a i8 -97, label %a i8 -96, label %a i8 -95, label %a i8 -94, label %a i8 -93, label %a
    i8 -92, label %a i8 -91, label %a i8 -90, label %a i8 -89, label %a i8 -88, label %a i8 -87, label %a
    i8 -86, label %a i8 -85, label %a i8 -84, label %a i8 -83, label %a i8 -82, label %a i8 -81, label %a
    i8 -80, label %a i8 -79, label %a i8 -78, label %a i8 -77, label %a i8 -76, label %a i8 -75, label %a
    i8 -74, label %a i8 -73, label %a i8 -72, label %a i8 -71, label %a i8 -70, label %a i8 -69, label %a
    i8 -68, label %a i8 -67, label %a i8 -66, label %a i8 -65, label %a i8 -64, label %a i8 -63, label %a
    i8 -62, label %a i8 -61, label %a i8 -60, label %a i8 -59, label %a i8 -58, label %a i8 -57, label %a
    i8 -56, label %a i8 -55, label %a i8 -54, label %a i8 -53, label %a i8 -52, label %a i8 -51, label %a
    i8 -50, label %a i8 -49, label %a i8 -48, label %a i8 -47, label %a i8 -46, label %a i8 -45, label %a
    i8 -44, label %a i8 -43, label %a i8 -42, label %a i8 -41, label %a i8 -40, label %a i8 -39, label %a
    i8 -38, label %a i8 -37, label %a i8 -36, label %a i8 -35, label %a i8 -34, label %a i8 -33, label %a
    i8 -32, label %a i8 -31, label %a i8 -30, label %a i8 -29, label %a i8 -28, label %a i8 -27, label %a
    i8 -26, label %a i8 -25, label %a i8 -24, label %a i8 -23, label %a i8 -22, label %a i8 -21, label %a
    i8 -20, label %a i8 -19, label %a i8 -18, label %a i8 -17, label %a i8 -16, label %a i8 -15, label %a
    i8 -14, label %a i8 -13, label %a i8 -12, label %a i8 -11, label %a i8 -10, label %a i8 -9, label %a
    i8 -8, label %a i8 -7, label %a i8 -6, label %a i8 -5, label %a i8 -4, label %a i8 -3, label %a
    i8 -2, label %a i8 -1, label %a i8 0, label %a i8 1, label %a i8 2, label %a i8 3, label %a
    i8 4, label %a i8 5, label %a i8 6, label %a i8 7, label %a i8 8, label %a i8 9, label %a
    i8 10, label %a i8 11, label %a i8 12, label %a i8 13, label %a i8 14, label %a i8 15, label %a
    i8 16, label %a i8 17, label %a i8 18, label %a i8 19, label %a i8 20, label %a i8 21, label %a
    i8 22, label %a i8 23, label %a i8 24, label %a i8 25, label %a i8 26, label %a i8 27, label %a
    i8 28, label %a i8 29, label %a i8 30, label %a i8 31, label %a i8 32, label %a i8 33, label %a
    i8 34, label %a i8 35, label %a i8 36, label %a i8 37, label %a i8 38, label %a i8 39, label %a
    i8 40, label %a i8 41, label %a i8 42, label %a i8 43, label %a i8 44, label %a i8 45, label %a
    i8 46, label %a i8 47, label %a i8 48, label %a i8 49, label %a i8 50, label %a i8 51, label %a
    i8 52, label %a i8 53, label %a i8 54, label %a i8 55, label %a i8 56, label %a i8 57, label %a
    i8 58, label %a i8 59, label %a i8 60, label %a i8 61, label %a i8 62, label %a i8 63, label %a
    i8 64, label %a i8 65, label %a i8 66, label %a i8 67, label %a i8 68, label %a i8 69, label %a
    i8 70, label %a i8 71, label %a i8 72, label %a i8 73, label %a i8 74, label %a i8 75, label %a
    i8 76, label %a i8 77, label %a i8 78, label %a i8 79, label %a i8 80, label %a i8 81, label %a
    i8 82, label %a i8 83, label %a i8 84, label %a i8 85, label %a i8 86, label %a i8 87, label %a
    i8 88, label %a i8 89, label %a i8 90, label %a i8 91, label %a i8 92, label %a i8 93, label %a
    i8 94, label %a i8 95, label %a i8 96, label %a i8 97, label %a i8 98, label %a i8 99, label %a
    i8 100, label %a i8 101, label %a i8 102, label %a i8 103, label %a i8 104, label %a i8 105, label %a
    i8 106, label %a i8 107, label %a i8 108, label %a i8 109, label %a i8 110, label %a i8 111, label %a
    i8 112, label %a i8 113, label %a i8 114, label %a i8 115, label %a i8 116, label %a i8 117, label %a
    i8 118, label %a i8 119, label %a i8 120, label %a i8 121, label %a i8 122, label %a i8 123, label %a
    i8 124, label %a i8 125, label %a i8 126, label %a i8 127, label %a
  ]
a:
  ret i32 1
c:
  ret i32 2
}

; Addresses whose constant offsets are as large as they can be, or wider than an address, and elements that a vector does
; not have: the numbers wrap round, and nothing is said of them. (The sanitizers of the fuzz targets see an overflow.)
; RUN: %certify %s | FileCheck %s --allow-empty --implicit-check-not=good

target triple = "x86_64-unknown-linux-gnu"
define i64 @good(ptr addrspace(77) %p, <2 x ptr addrspace(77)> %v) {
  %a = getelementptr i64, ptr addrspace(77) %p, i64 -9223372036854775808
  %b = getelementptr i64, ptr addrspace(77) %a, i64 9223372036854775807
  %c = getelementptr i8, ptr addrspace(77) %b, i128 170141183460469231731687303715884105727
  %n = load i64, ptr addrspace(77) %c
  %e = extractelement <2 x ptr addrspace(77)> %v, i128 36893488147419103233
  %f = insertelement <2 x ptr addrspace(77)> %v, ptr addrspace(77) %e, i128 36893488147419103232
  %g = extractelement <2 x ptr addrspace(77)> %f, i32 7
  ret i64 %n
}

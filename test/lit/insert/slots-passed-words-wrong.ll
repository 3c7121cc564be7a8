; Where the function and a call do not say the same of a structure that is passed as integers, and
; where nothing says whether an integer is a reference, it is refused.
; RUN: split-file %s %t
; RUN: not %opt -load-pass-plugin=%plugin -passes=cairn-slots -disable-output %t/two.ll 2>&1 | FileCheck %t/two.ll
; RUN: not %opt -load-pass-plugin=%plugin -passes=cairn-slots -disable-output %t/one.ll 2>&1 | FileCheck %t/one.ll
; RUN: not %opt -load-pass-plugin=%plugin -passes=cairn-slots -disable-output %t/number.ll 2>&1 | FileCheck %t/number.ll
; RUN: not %opt -load-pass-plugin=%plugin -passes=cairn-slots -disable-output %t/disagrees.ll 2>&1 | FileCheck %t/disagrees.ll
; RUN: not %opt -load-pass-plugin=%plugin -passes=cairn-slots -disable-output %t/cast.ll 2>&1 | FileCheck %t/cast.ll

;--- two.ll
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
%pair = type { ptr addrspace(77), ptr addrspace(77) }
%plain = type { i64, i64 }

define internal void @numbers([2 x i64] %n.words) {
  %n = alloca %plain, align 8
  store [2 x i64] %n.words, ptr %n, align 8
  ret void
}

; CHECK: in function disagrees {{.*}}: cairn: memory that is declared to hold a reference is accessed as something else
; CHECK-SAME: pass such structures by pointer
define void @disagrees(ptr %from) {
  %p = alloca %pair, align 8
  %passed = load [2 x i64], ptr %p, align 8
  call void @numbers([2 x i64] %passed)
  ret void
}

;--- one.ll
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
; CHECK: in function one {{.*}}: cairn: an integer becomes a reference
; CHECK-SAME: pass and return the reference instead of a structure of one, which some targets pass as an integer
define void @one(i64 %word) {
  %s = alloca ptr addrspace(77), align 8
  %r = inttoptr i64 %word to ptr addrspace(77)
  store ptr addrspace(77) %r, ptr %s, align 8
  ret void
}

; A parameter that is a number (noundef).
;--- number.ll
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
%one = type { ptr addrspace(77) }
; CHECK: in function number {{.*}}: cairn: an integer becomes a reference
define void @number(i64 noundef %word) {
  %s = alloca %one, align 8
  %at = getelementptr inbounds %one, ptr %s, i32 0, i32 0
  %r = inttoptr i64 %word to ptr addrspace(77)
  store ptr addrspace(77) %r, ptr %at, align 8
  ret void
}

; A parameter that the function takes for a number.
;--- disagrees.ll
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
%one = type { ptr addrspace(77) }
define internal void @takes(i64 %word) {
  %n = alloca i64, align 8
  store i64 %word, ptr %n, align 8
  ret void
}

; CHECK: in function disagrees {{.*}}: cairn: a reference becomes an integer that is stored, passed or returned
define void @disagrees() {
  %s = alloca %one, align 8
  %at = getelementptr inbounds %one, ptr %s, i32 0, i32 0
  %r = load ptr addrspace(77), ptr %at, align 8
  %word = ptrtoint ptr addrspace(77) %r to i64
  call void @takes(i64 %word)
  ret void
}

; A result whose place is computed after the cast.
;--- cast.ll
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-Fn32"
target triple = "aarch64-unknown-linux-gnu"
%one = type { ptr addrspace(77) }
declare i64 @result()

; CHECK: in function cast {{.*}}: cairn: an integer becomes a reference
define void @cast() {
  %s = alloca %one, align 8
  %word = call i64 @result()
  %r = inttoptr i64 %word to ptr addrspace(77)
  %at = getelementptr inbounds %one, ptr %s, i32 0, i32 0
  store ptr addrspace(77) %r, ptr %at, align 8
  ret void
}

; A malformed descriptor is an error that names it, the function and the instruction.
; RUN: split-file %s %t
; RUN: not %opt -passes=cairn-lower -S %t/smaller.ll 2>&1 | FileCheck %s --check-prefix=SIZE
; RUN: not %opt -passes=cairn-lower -S %t/shape.ll 2>&1 | FileCheck %s --check-prefix=SHAPE
; RUN: not %opt -passes=cairn-lower -S %t/align3.ll 2>&1 | FileCheck %s --check-prefix=ALIGN3
; RUN: not %opt -passes=cairn-lower -S %t/align32.ll 2>&1 | FileCheck %s --check-prefix=ALIGN32
; RUN: not %opt -passes=cairn-lower -S %t/nofields.ll 2>&1 | FileCheck %s --check-prefix=NULL
; RUN: not %opt -passes=cairn-lower -S %t/uncounted.ll 2>&1 | FileCheck %s --check-prefix=UNCOUNTED
; RUN: not %opt -passes=cairn-lower -S %t/few.ll 2>&1 | FileCheck %s --check-prefix=FEW
; RUN: not %opt -passes=cairn-lower -S %t/past.ll 2>&1 | FileCheck %s --check-prefix=PAST
; RUN: not %opt -passes=cairn-lower -S %t/odd.ll 2>&1 | FileCheck %s --check-prefix=ODD
; RUN: not %opt -passes=cairn-lower -S %t/order.ll 2>&1 | FileCheck %s --check-prefix=ORDER
; RUN: not %opt -passes=cairn-lower -S %t/meta.ll 2>&1 | FileCheck %s --check-prefix=META
; RUN: not %opt -passes=cairn-lower -S %t/final.ll 2>&1 | FileCheck %s --check-prefix=FINAL

; SIZE: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: it is smaller than a cairn_type: %p = call ptr @cairn.alloc(ptr @bad)
;--- smaller.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@bad = internal global { i32, i16, i16 } { i32 16, i16 8, i16 0 }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; SHAPE: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: its size, align, field_count, meta, fields and finalize are not constants: %p = call ptr @cairn.alloc(ptr @bad)
;--- shape.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@bad = internal global %cairn_type { i32 ptrtoint (ptr @bad to i32), i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; ALIGN3: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: align is 3, not a power of two up to 16: %p = call ptr @cairn.alloc(ptr @bad)
;--- align3.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@bad = internal global %cairn_type { i32 16, i16 3, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; ALIGN32: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: align is 32, not a power of two up to 16: %p = call ptr @cairn.alloc(ptr @bad)
;--- align32.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@bad = internal global %cairn_type { i32 64, i16 32, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; NULL: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: field_count is 1, but fields is null: %p = call ptr @cairn.alloc(ptr @bad)
;--- nofields.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@bad = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; UNCOUNTED: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: field_count is 0, but fields is not null: %p = call ptr @cairn.alloc(ptr @bad)
;--- uncounted.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@one = internal constant [1 x i32] [i32 0]
@bad = internal global %cairn_type { i32 16, i16 8, i16 0, i32 0, i32 0, ptr @one, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; FEW: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: field_count is 2, more than its array 'one' holds: %p = call ptr @cairn.alloc(ptr @bad)
;--- few.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@one = internal constant [1 x i32] [i32 0]
@bad = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @one, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; PAST: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: field 0 at offset 16 ends past its size of 16: %p = call ptr @cairn.alloc(ptr @bad)
;--- past.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@one = internal constant [1 x i32] [i32 16]
@bad = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @one, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; ODD: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: field 0 is at offset 4, not a multiple of 8: %p = call ptr @cairn.alloc(ptr @bad)
;--- odd.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@one = internal constant [1 x i32] [i32 4]
@bad = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @one, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; ORDER: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: field 1 at offset 0 does not ascend: %p = call ptr @cairn.alloc(ptr @bad)
;--- order.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@two = internal constant [2 x i32] [i32 8, i32 0]
@bad = internal global %cairn_type { i32 16, i16 8, i16 2, i32 0, i32 0, ptr @two, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; META: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: meta is 0x80000002, but its fields and finaliser make it 0x82000001: %p = call ptr @cairn.alloc(ptr @bad)
;--- meta.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@one = internal constant [1 x i32] [i32 0]
@bad = internal global %cairn_type { i32 16, i16 8, i16 1, i32 -2147483646, i32 0, ptr @one, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; FINAL: error: {{.*}}in function user {{.*}}cairn: descriptor 'bad' is malformed: meta is 0x80000000, but its fields and finaliser make it 0x0: %p = call ptr @cairn.alloc(ptr @bad)
;--- final.ll
target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
declare void @finish(ptr)
@bad = internal global %cairn_type { i32 16, i16 8, i16 0, i32 -2147483648, i32 0, ptr null, ptr @finish, ptr null }
declare ptr @cairn.alloc(ptr)
define ptr @user() {
  %p = call ptr @cairn.alloc(ptr @bad)
  ret ptr %p
}

; Of each parameter it is said once whether it is owned, when everything is decided: what is stored nowhere may still be
; owned for its memory.
; RUN: %opt -passes=cairn-import,cairn-insert -pass-remarks-analysis=cairn-modes -disable-output %s 2>&1 | FileCheck %s --implicit-check-not=remark:

; CHECK: remark: {{.*}}parameter 1 of twice is owned: its memory goes to a new object
; CHECK: remark: {{.*}}parameter 1 of length is borrowed: nothing takes its count over

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@first = internal constant [1 x i32] [i32 0]
@list = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @first, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)

define internal ptr addrspace(77) @twice(ptr addrspace(77) %l) {
  %empty = icmp eq ptr addrspace(77) %l, null
  br i1 %empty, label %end, label %more
more:
  %at = getelementptr i8, ptr addrspace(77) %l, i64 8
  %k = load i64, ptr addrspace(77) %at
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call ptr addrspace(77) @twice(ptr addrspace(77) %next)
  %new = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  store ptr addrspace(77) %rest, ptr addrspace(77) %new
  %new.k = getelementptr i8, ptr addrspace(77) %new, i64 8
  store i64 %k, ptr addrspace(77) %new.k
  ret ptr addrspace(77) %new
end:
  ret ptr addrspace(77) null
}

define internal i64 @length(ptr addrspace(77) %l) {
  %empty = icmp eq ptr addrspace(77) %l, null
  br i1 %empty, label %end, label %more
more:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %n = call i64 @length(ptr addrspace(77) %next)
  %sum = mul i64 %n, 3
  ret i64 %sum
end:
  ret i64 1
}

declare ptr addrspace(77) @get()
define i64 @use() {
  %l = call ptr addrspace(77) @get()
  %m = call ptr addrspace(77) @twice(ptr addrspace(77) %l)
  %n = call i64 @length(ptr addrspace(77) %m)
  ret i64 %n
}

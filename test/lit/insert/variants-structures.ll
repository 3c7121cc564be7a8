; A variant calls the function itself where the object has other owners. A structure of references that this call gets
; or returns is taken apart behind it and put together before it, as in every function that counts are inserted into.
; RUN: %opt -passes='cairn-insert<O2>,cairn-certify,verify' -pass-remarks=cairn-variants -S %s 2>&1 | FileCheck %s

; CHECK: remark: {{.*}}the call of pair is the last use of its argument 1: it calls pair.owned, which owns the parameter
; CHECK: remark: {{.*}}the call of passed is the last use of its argument 1: it calls passed.owned, which owns the parameter
; CHECK: remark: {{.*}}the call of number is the last use of its argument 1: it calls number.owned, which owns the parameter

target triple = "x86_64-unknown-linux-gnu"
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
%pair = type { ptr addrspace(77), i64, [1 x ptr addrspace(77)] }
@list.fields = internal constant [1 x i32] [i32 0]
@list = internal global %type { i32 16, i16 8, i16 1, i32 -2113929215, i32 0, ptr @list.fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @see(ptr addrspace(77), i64)
declare void @look(i64)

define internal %pair @pair(ptr addrspace(77) %l) noinline {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %end, label %node
end:
  ret %pair zeroinitializer
node:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %at = getelementptr i8, ptr addrspace(77) %l, i64 8
  %v = load i64, ptr addrspace(77) %at
  %rest = call %pair @pair(ptr addrspace(77) %next)
  %n = add i64 %v, 1
  %result = insertvalue %pair %rest, i64 %n, 1
  ret %pair %result
}

define internal i64 @passed(ptr addrspace(77) %l, %pair %p) noinline {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %end, label %node
end:
  %first = extractvalue %pair %p, 0
  call void @see(ptr addrspace(77) %first, i64 0)
  ret i64 0
node:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call i64 @passed(ptr addrspace(77) %next, %pair %p)
  call void @look(i64 %rest)
  ret i64 %rest
}

; Negative: what is no structure of references stays as it is.
define internal { i64, i64 } @number(ptr addrspace(77) %l) noinline {
  %none = icmp eq ptr addrspace(77) %l, null
  br i1 %none, label %end, label %node
end:
  ret { i64, i64 } zeroinitializer
node:
  %next = load ptr addrspace(77), ptr addrspace(77) %l
  %rest = call { i64, i64 } @number(ptr addrspace(77) %next)
  call void @look(i64 1)
  ret { i64, i64 } %rest
}

; CHECK-LABEL: define internal %pair @pair.owned(
; CHECK: shared:
; CHECK-NEXT: [[R:%.*]] = call %pair @pair(ptr addrspace(77) %l)
; CHECK-NEXT: call void @cairn.ref.decref(ptr addrspace(77) %l)
; CHECK-NEXT: extractvalue %pair [[R]], 0
; CHECK-NEXT: extractvalue %pair [[R]], 1
; CHECK-NEXT: extractvalue %pair [[R]], 2, 0
; CHECK-NEXT: insertvalue %pair poison
; CHECK: ret %pair

; CHECK-LABEL: define internal i64 @passed.owned(
; CHECK: shared:
; CHECK-NEXT: insertvalue %pair poison
; CHECK: [[P:%.*]] = insertvalue %pair {{.*}}, 2
; CHECK-NEXT: call i64 @passed(ptr addrspace(77) %l, %pair [[P]])

; CHECK-LABEL: define internal { i64, i64 } @number.owned(
; CHECK: shared:
; CHECK-NEXT: [[N:%.*]] = call { i64, i64 } @number(
; CHECK-NEXT: call void @cairn.ref.decref(
; CHECK-NEXT: ret { i64, i64 } [[N]]
define i64 @last() {
  %a = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  %pair = call %pair @pair(ptr addrspace(77) %a)
  call void @look(i64 2)
  %b = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  %sum = call i64 @passed(ptr addrspace(77) %b, %pair %pair)
  call void @look(i64 3)
  %c = call ptr addrspace(77) @cairn.ref.alloc(ptr @list)
  %two = call { i64, i64 } @number(ptr addrspace(77) %c)
  call void @look(i64 4)
  ret i64 %sum
}

; An assertion that an object is unique is gone where heaps are not checked; a remark says whether it is seen to hold.
; RUN: %opt -passes='cairn-assertions,verify' -pass-remarks=cairn-assertions -pass-remarks-missed=cairn-assertions -S %s 2>%t && FileCheck %s --input-file=%t --check-prefix=REMARKS
; RUN: %opt -passes='cairn-assertions' -S %s 2>/dev/null | FileCheck %s --implicit-check-not='call void @cairn.assert' --implicit-check-not='call void @cairn.ref.assert'
; RUN: sed 's/^;FLAG//' %s | %opt -passes='cairn-assertions' -S 2>/dev/null | FileCheck %s --check-prefix=CHECKED

; REMARKS: remark: {{.*}}the object is seen to be unique
; REMARKS-NEXT: remark: {{.*}}not seen to be unique: it was made here, but stored, passed on or chosen from several before
; REMARKS-NEXT: remark: {{.*}}not seen to be unique: it is a parameter
; REMARKS-NEXT: remark: {{.*}}not seen to be unique: it was loaded from memory
; REMARKS-NEXT: remark: {{.*}}not seen to be unique: it is the result of a call
; REMARKS-NEXT: remark: {{.*}}the object is seen to be unique
; REMARKS-NEXT: remark: {{.*}}not seen to be unique: it was made here
; REMARKS-NEXT: remark: {{.*}}the object is seen to be unique
; REMARKS-NEXT: remark: {{.*}}the object is seen to be unique
; REMARKS-NOT: remark

target triple = "x86_64-unknown-linux-gnu"
;FLAG!llvm.module.flags = !{!0}
;FLAG!0 = !{i32 7, !"cairn-checked", i32 1}
%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node.fields = internal constant [1 x i32] [i32 0]
@node = internal global %type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @node.fields, ptr null, ptr null }
declare ptr addrspace(77) @cairn.ref.alloc(ptr)
declare void @cairn.ref.assert.unique(ptr addrspace(77))
declare ptr @cairn.alloc(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.assert.unique(ptr)
declare void @unknown(ptr addrspace(77))
declare ptr addrspace(77) @get()

; CHECK-LABEL: @fresh(
; CHECKED-LABEL: @fresh(
; CHECKED: call void @cairn.ref.assert.unique(ptr addrspace(77) %n)
define ptr addrspace(77) @fresh(ptr addrspace(77) %next) {
  %n = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  store ptr addrspace(77) %next, ptr addrspace(77) %n
  call void @cairn.ref.assert.unique(ptr addrspace(77) %n)
  ret ptr addrspace(77) %n
}

; CHECK-LABEL: @passed(
define void @passed() {
  %n = call ptr addrspace(77) @cairn.ref.alloc(ptr @node)
  call void @unknown(ptr addrspace(77) %n)
  call void @cairn.ref.assert.unique(ptr addrspace(77) %n)
  ret void
}

; CHECK-LABEL: @parameter(
define void @parameter(ptr addrspace(77) %n) {
  call void @cairn.ref.assert.unique(ptr addrspace(77) %n)
  ret void
}

; CHECK-LABEL: @loaded(
define void @loaded(ptr addrspace(77) %n) {
  %next = load ptr addrspace(77), ptr addrspace(77) %n
  call void @cairn.ref.assert.unique(ptr addrspace(77) %next)
  ret void
}

; CHECK-LABEL: @result(
define void @result() {
  %n = call ptr addrspace(77) @get()
  call void @cairn.ref.assert.unique(ptr addrspace(77) %n)
  ret void
}

; Plain pointers, too.
; CHECK-LABEL: @plain(
; CHECKED-LABEL: @plain(
; CHECKED: call void @cairn.assert.unique(ptr %n)
define ptr @plain() {
  %n = call ptr @cairn.alloc(ptr @node)
  call void @cairn.assert.unique(ptr %n)
  call void @cairn.incref(ptr %n)
  ret ptr %n
}

; CHECK-LABEL: @plain_counted(
define ptr @plain_counted() {
  %n = call ptr @cairn.alloc(ptr @node)
  call void @cairn.incref(ptr %n)
  call void @cairn.assert.unique(ptr %n)
  ret ptr %n
}

; What is stored in one round of a loop is another object than that of the next round.
; CHECK-LABEL: @plain_loop(
define void @plain_loop(ptr %to, i1 %again) {
entry:
  br label %loop
loop:
  %n = call ptr @cairn.alloc(ptr @node)
  br label %next
next:
  call void @cairn.assert.unique(ptr %n)
  store ptr %n, ptr %to
  br i1 %again, label %loop, label %end
end:
  ret void
}

; CHECK-LABEL: @null(
define void @null() {
  call void @cairn.ref.assert.unique(ptr addrspace(77) null)
  ret void
}


; IR without the driver: opt with the plugin, llc, cc with the library. The same file
; links and runs when it was never lowered: the library defines the intrinsics' names.
; REQUIRES: runtime, x86-64
; RUN: %opt -passes="default<O2>" %s -o %t.bc && llc -relocation-model=pic -filetype=obj %t.bc -o %t.o
; RUN: %cc %t.o %libcairn -pthread -o %t && %t
; RUN: %opt -passes="default<O0>" %s -o %t.bc && llc -relocation-model=pic -filetype=obj %t.bc -o %t.o
; RUN: %cc %t.o %libcairn -pthread -o %t && %t
; RUN: llc -relocation-model=pic -filetype=obj %s -o %t.o && llvm-nm %t.o | FileCheck %s
; RUN: %cc %t.o %libcairn -pthread -o %t && %t
; CHECK: U cairn.alloc

target triple = "x86_64-unknown-linux-gnu"
%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@fields = internal constant [1 x i32] [i32 0]
@node = internal global %cairn_type { i32 16, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr null }
@pool = internal global ptr null

declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.tagged(ptr, i8)
declare ptr @cairn.alloc.bytes(i64)
declare ptr @cairn.alloc.array(ptr, i64)
declare ptr @cairn.try.alloc(ptr)
declare ptr @cairn.try.alloc.bytes(i64)
declare ptr @cairn.try.alloc.array(ptr, i64)
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
declare void @cairn.free.sized(ptr, i64)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i1 @cairn.is.unique(ptr)
declare void @cairn.share(ptr)
declare i8 @cairn.tag(ptr)
declare void @cairn.set.tag(ptr, i8)

; A list of 1000 nodes; its sum is 499500. Each intrinsic is used once at least.
define i32 @main() {
entry:
  br label %push
push:
  %i = phi i64 [ 0, %entry ], [ %i1, %push ]
  %list = phi ptr [ null, %entry ], [ %n, %push ]
  %n = call ptr @cairn.alloc(ptr @node)
  store ptr %list, ptr %n
  %v = getelementptr i8, ptr %n, i64 8
  store i64 %i, ptr %v
  %i1 = add i64 %i, 1
  %more = icmp ult i64 %i1, 1000
  br i1 %more, label %push, label %walk
walk:
  %at = phi ptr [ %n, %push ], [ %next, %walk ]
  %sum = phi i64 [ 0, %push ], [ %sum1, %walk ]
  %atv = getelementptr i8, ptr %at, i64 8
  %x = load i64, ptr %atv
  %sum1 = add i64 %sum, %x
  %next = load ptr, ptr %at
  %end = icmp eq ptr %next, null
  br i1 %end, label %rest, label %walk
rest:
  call void @cairn.incref(ptr %n)
  %shared = call i1 @cairn.is.unique(ptr %n)
  call void @cairn.decref(ptr %n)
  %alone = call i1 @cairn.is.unique(ptr %n)
  call void @cairn.share(ptr %n)
  call void @cairn.incref(ptr %n)
  call void @cairn.decref(ptr %n)
  call void @cairn.decref(ptr %n)
  call void @cairn.incref(ptr null)
  call void @cairn.decref(ptr null)
  call void @cairn.free(ptr null)
  %t = call ptr @cairn.alloc.tagged(ptr @node, i8 5)
  %five = call i8 @cairn.tag(ptr %t)
  call void @cairn.set.tag(ptr %t, i8 6)
  %six = call i8 @cairn.tag(ptr %t)
  call void @cairn.decref(ptr %t)
  %b = call ptr @cairn.alloc.bytes(i64 10)
  store volatile i64 1, ptr %b
  call void @cairn.decref(ptr %b)
  %a = call ptr @cairn.alloc.array(ptr @node, i64 3)
  store volatile i64 0, ptr %a
  call void @cairn.decref(ptr %a)
  %tt = call ptr @cairn.try.alloc(ptr @node)
  store volatile i64 0, ptr %tt
  call void @cairn.decref(ptr %tt)
  %tb = call ptr @cairn.try.alloc.bytes(i64 3000)
  store volatile i64 1, ptr %tb
  call void @cairn.decref(ptr %tb)
  %ta = call ptr @cairn.try.alloc.array(ptr @node, i64 3)
  store volatile i64 0, ptr %ta
  call void @cairn.decref(ptr %ta)
  %m = call ptr @cairn.malloc(i64 48)
  store volatile i64 1, ptr %m
  call void @cairn.free(ptr %m)
  %ms = call ptr @cairn.malloc(i64 3000)
  store volatile i64 1, ptr %ms
  call void @cairn.free.sized(ptr %ms, i64 3000)

  %ok1 = icmp eq i64 %sum1, 499500
  %ok2 = xor i1 %shared, true
  %ok3 = icmp eq i8 %five, 5
  %ok4 = icmp eq i8 %six, 6
  %a1 = and i1 %ok1, %ok2
  %a2 = and i1 %a1, %alone
  %a3 = and i1 %a2, %ok3
  %a4 = and i1 %a3, %ok4
  %code = select i1 %a4, i32 0, i32 1
  ret i32 %code
}

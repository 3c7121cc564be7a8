; Every intrinsic on containers, run: optimised, unoptimised, and never lowered, by the
; library's functions of the same names.
; REQUIRES: runtime, x86-64
; RUN: %opt -passes="default<O2>" %s -o %t.bc && llc -relocation-model=pic -filetype=obj %t.bc -o %t.o
; RUN: %cc %t.o %libcairn -pthread -o %t && %t
; RUN: %opt -passes="default<O0>" %s -o %t.bc && llc -relocation-model=pic -filetype=obj %t.bc -o %t.o
; RUN: %cc %t.o %libcairn -pthread -o %t && %t
; RUN: llc -relocation-model=pic -filetype=obj %s -o %t.o && llvm-nm %t.o | FileCheck %s
; RUN: %cc %t.o %libcairn -pthread -o %t && %t
; CHECK: U cairn.alloc.dict

target triple = "x86_64-unknown-linux-gnu"
@key = private constant [5 x i8] c"apple"
@other = private constant [4 x i8] c"pear"

declare void @exit(i32)
declare void @cairn.decref(ptr)
declare void @cairn_heap_walk(ptr, ptr, ptr)
declare ptr @cairn.alloc.string(ptr, i64)
declare ptr @cairn.try.alloc.string(ptr, i64)
declare ptr @cairn.heap.alloc.string(ptr, ptr, i64)
declare ptr @cairn.heap.try.alloc.string(ptr, ptr, i64)
declare ptr @cairn.alloc.byte.array(i32, i32)
declare ptr @cairn.try.alloc.byte.array(i32, i32)
declare ptr @cairn.heap.alloc.byte.array(ptr, i32, i32)
declare ptr @cairn.heap.try.alloc.byte.array(ptr, i32, i32)
declare ptr @cairn.alloc.list(i32, i32)
declare ptr @cairn.try.alloc.list(i32, i32)
declare ptr @cairn.heap.alloc.list(ptr, i32, i32)
declare ptr @cairn.heap.try.alloc.list(ptr, i32, i32)
declare ptr @cairn.alloc.dict(i32)
declare ptr @cairn.try.alloc.dict(i32)
declare ptr @cairn.heap.alloc.dict(ptr, i32)
declare ptr @cairn.heap.try.alloc.dict(ptr, i32)
declare i32 @cairn.list.length(ptr)
declare i32 @cairn.list.elem.size(ptr)
declare i32 @cairn.list.kind(ptr)
declare ptr @cairn.list.data(ptr)
declare void @cairn.list.append(ptr, i64)
declare void @cairn.list.append.float(ptr, double)
declare void @cairn.list.append.ref(ptr, ptr)
declare i1 @cairn.try.list.append(ptr, i64)
declare i1 @cairn.try.list.append.float(ptr, double)
declare i1 @cairn.try.list.append.ref(ptr, ptr)
declare i64 @cairn.list.get(ptr, i32)
declare double @cairn.list.get.float(ptr, i32)
declare ptr @cairn.list.get.ref(ptr, i32)
declare void @cairn.list.set(ptr, i32, i64)
declare void @cairn.list.set.float(ptr, i32, double)
declare void @cairn.list.set.ref(ptr, i32, ptr)
declare i32 @cairn.dict.length(ptr)
declare i32 @cairn.dict.kind(ptr, ptr, i64)
declare void @cairn.dict.set(ptr, ptr, i64, ptr)
declare void @cairn.dict.set.int(ptr, ptr, i64, i64)
declare void @cairn.dict.set.float(ptr, ptr, i64, double)
declare i1 @cairn.try.dict.set(ptr, ptr, i64, ptr)
declare i1 @cairn.try.dict.set.int(ptr, ptr, i64, i64)
declare i1 @cairn.try.dict.set.float(ptr, ptr, i64, double)
declare ptr @cairn.dict.get(ptr, ptr, i64)
declare i64 @cairn.dict.get.int(ptr, ptr, i64)
declare double @cairn.dict.get.float(ptr, ptr, i64)
declare i1 @cairn.dict.delete(ptr, ptr, i64)
declare void @cairn.dict.cleanup(ptr)
@cairn_default_heap_object = external global i8

; The first check that fails is the program's status.
define void @must(i1 %ok, i32 %number) {
  br i1 %ok, label %done, label %fail
fail:
  call void @exit(i32 %number)
  unreachable
done:
  ret void
}

define internal zeroext i1 @count(ptr %block, ptr %n) {
  %old = load i64, ptr %n
  %new = add i64 %old, 1
  store i64 %new, ptr %n
  ret i1 true
}
define i64 @live() {
  %n = alloca i64
  store i64 0, ptr %n
  call void @cairn_heap_walk(ptr @cairn_default_heap_object, ptr @count, ptr %n)
  %left = load i64, ptr %n
  ret i64 %left
}

define i32 @main() {
  ; Strings and byte arrays, in each form; what is made is put into a list.
  %refs = call ptr @cairn.alloc.list(i32 0, i32 8)
  %s = call ptr @cairn.alloc.string(ptr @key, i64 5)
  %c1 = icmp ne ptr %s, null
  call void @must(i1 %c1, i32 1)
  call void @cairn.list.append.ref(ptr %refs, ptr %s)
  call void @cairn.decref(ptr %s)
  %stry = call ptr @cairn.try.alloc.string(ptr @key, i64 5)
  %c2 = icmp ne ptr %stry, null
  call void @must(i1 %c2, i32 2)
  %r3 = call i1 @cairn.try.list.append.ref(ptr %refs, ptr %stry)
  %c3 = icmp eq i1 %r3, true
  call void @must(i1 %c3, i32 3)
  call void @cairn.decref(ptr %stry)
  %sheap = call ptr @cairn.heap.alloc.string(ptr @cairn_default_heap_object, ptr @key, i64 5)
  %c4 = icmp ne ptr %sheap, null
  call void @must(i1 %c4, i32 4)
  call void @cairn.list.append.ref(ptr %refs, ptr %sheap)
  call void @cairn.decref(ptr %sheap)
  %sheaptry = call ptr @cairn.heap.try.alloc.string(ptr @cairn_default_heap_object, ptr @key, i64 5)
  %c5 = icmp ne ptr %sheaptry, null
  call void @must(i1 %c5, i32 5)
  %r6 = call i1 @cairn.try.list.append.ref(ptr %refs, ptr %sheaptry)
  %c6 = icmp eq i1 %r6, true
  call void @must(i1 %c6, i32 6)
  call void @cairn.decref(ptr %sheaptry)
  %b = call ptr @cairn.alloc.byte.array(i32 3, i32 4)
  call void @cairn.list.append.ref(ptr %refs, ptr %b)
  call void @cairn.decref(ptr %b)
  %btry = call ptr @cairn.try.alloc.byte.array(i32 3, i32 4)
  call void @cairn.list.append.ref(ptr %refs, ptr %btry)
  call void @cairn.decref(ptr %btry)
  %bheap = call ptr @cairn.heap.alloc.byte.array(ptr @cairn_default_heap_object, i32 3, i32 4)
  call void @cairn.list.append.ref(ptr %refs, ptr %bheap)
  call void @cairn.decref(ptr %bheap)
  %bheaptry = call ptr @cairn.heap.try.alloc.byte.array(ptr @cairn_default_heap_object, i32 3, i32 4)
  call void @cairn.list.append.ref(ptr %refs, ptr %bheaptry)
  call void @cairn.decref(ptr %bheaptry)
  %r7 = call i32 @cairn.list.length(ptr %refs)
  %c7 = icmp eq i32 %r7, 8
  call void @must(i1 %c7, i32 7)
  %r8 = call i32 @cairn.list.kind(ptr %refs)
  %c8 = icmp eq i32 %r8, 3
  call void @must(i1 %c8, i32 8)
  %r9 = call ptr @cairn.list.get.ref(ptr %refs, i32 0)
  %c9 = icmp eq ptr %r9, %s
  call void @must(i1 %c9, i32 9)
  call void @cairn.list.set.ref(ptr %refs, i32 0, ptr null)
  %r10 = call ptr @cairn.list.get.ref(ptr %refs, i32 0)
  %c10 = icmp eq ptr %r10, null
  call void @must(i1 %c10, i32 10)
  ; A byte array has its length in front of its data.
  %length.at = getelementptr i8, ptr %b, i64 -4
  %length = load i32, ptr %length.at
  %c900 = icmp eq i32 %length, 3
  call void @must(i1 %c900, i32 90)
  ; Lists of integers and of floats.
  %ints = call ptr @cairn.try.alloc.list(i32 2, i32 2)
  %r11 = call i32 @cairn.list.elem.size(ptr %ints)
  %c11 = icmp eq i32 %r11, 2
  call void @must(i1 %c11, i32 11)
  %r12 = call i32 @cairn.list.kind(ptr %ints)
  %c12 = icmp eq i32 %r12, 0
  call void @must(i1 %c12, i32 12)
  call void @cairn.list.append(ptr %ints, i64 -7)
  %r13 = call i1 @cairn.try.list.append(ptr %ints, i64 65537)
  %c13 = icmp eq i1 %r13, true
  call void @must(i1 %c13, i32 13)
  %r14 = call i64 @cairn.list.get(ptr %ints, i32 0)
  %c14 = icmp eq i64 %r14, -7
  call void @must(i1 %c14, i32 14)
  %r15 = call i64 @cairn.list.get(ptr %ints, i32 1)
  %c15 = icmp eq i64 %r15, 1
  call void @must(i1 %c15, i32 15)
  call void @cairn.list.set(ptr %ints, i32 1, i64 9)
  %r16 = call i64 @cairn.list.get(ptr %ints, i32 1)
  %c16 = icmp eq i64 %r16, 9
  call void @must(i1 %c16, i32 16)
  %data = call ptr @cairn.list.data(ptr %ints)
  %second.at = getelementptr i16, ptr %data, i64 1
  %second = load i16, ptr %second.at
  %c901 = icmp eq i16 %second, 9
  call void @must(i1 %c901, i32 91)
  %floats = call ptr @cairn.heap.alloc.list(ptr @cairn_default_heap_object, i32 4, i32 8)
  call void @cairn.list.append.float(ptr %floats, double 0.5)
  %r17 = call i1 @cairn.try.list.append.float(ptr %floats, double 1.5)
  %c17 = icmp eq i1 %r17, true
  call void @must(i1 %c17, i32 17)
  call void @cairn.list.set.float(ptr %floats, i32 0, double 2.5)
  %r18 = call double @cairn.list.get.float(ptr %floats, i32 0)
  %c18 = fcmp oeq double %r18, 2.5
  call void @must(i1 %c18, i32 18)
  %r19 = call double @cairn.list.get.float(ptr %floats, i32 1)
  %c19 = fcmp oeq double %r19, 1.5
  call void @must(i1 %c19, i32 19)
  %none = call ptr @cairn.heap.try.alloc.list(ptr @cairn_default_heap_object, i32 4, i32 8)
  %c20 = icmp ne ptr %none, null
  call void @must(i1 %c20, i32 20)
  %r21 = call i32 @cairn.list.length(ptr %none)
  %c21 = icmp eq i32 %r21, 0
  call void @must(i1 %c21, i32 21)
  call void @cairn.decref(ptr %none)
  ; A dict of all kinds of values. The dict holds the list.
  %dict = call ptr @cairn.alloc.dict(i32 0)
  call void @cairn.dict.set(ptr %dict, ptr @key, i64 5, ptr %ints)
  %r22 = call ptr @cairn.dict.get(ptr %dict, ptr @key, i64 5)
  %c22 = icmp eq ptr %r22, %ints
  call void @must(i1 %c22, i32 22)
  %r23 = call i1 @cairn.try.dict.set(ptr %dict, ptr @other, i64 4, ptr %floats)
  %c23 = icmp eq i1 %r23, true
  call void @must(i1 %c23, i32 23)
  %r24 = call i32 @cairn.dict.kind(ptr %dict, ptr @other, i64 4)
  %c24 = icmp eq i32 %r24, 3
  call void @must(i1 %c24, i32 24)
  %r25 = call i32 @cairn.dict.length(ptr %dict)
  %c25 = icmp eq i32 %r25, 2
  call void @must(i1 %c25, i32 25)
  call void @cairn.dict.set.int(ptr %dict, ptr @other, i64 3, i64 -1)
  %r26 = call i64 @cairn.dict.get.int(ptr %dict, ptr @other, i64 3)
  %c26 = icmp eq i64 %r26, -1
  call void @must(i1 %c26, i32 26)
  %r27 = call i1 @cairn.try.dict.set.int(ptr %dict, ptr @other, i64 2, i64 12)
  %c27 = icmp eq i1 %r27, true
  call void @must(i1 %c27, i32 27)
  %r28 = call i64 @cairn.dict.get.int(ptr %dict, ptr @other, i64 2)
  %c28 = icmp eq i64 %r28, 12
  call void @must(i1 %c28, i32 28)
  call void @cairn.dict.set.float(ptr %dict, ptr @other, i64 1, double 0.25)
  %r29 = call double @cairn.dict.get.float(ptr %dict, ptr @other, i64 1)
  %c29 = fcmp oeq double %r29, 0.25
  call void @must(i1 %c29, i32 29)
  %r30 = call i1 @cairn.try.dict.set.float(ptr %dict, ptr null, i64 0, double 0.125)
  %c30 = icmp eq i1 %r30, true
  call void @must(i1 %c30, i32 30)
  %r31 = call double @cairn.dict.get.float(ptr %dict, ptr null, i64 0)
  %c31 = fcmp oeq double %r31, 0.125
  call void @must(i1 %c31, i32 31)
  %r32 = call i32 @cairn.dict.length(ptr %dict)
  %c32 = icmp eq i32 %r32, 6
  call void @must(i1 %c32, i32 32)
  %r33 = call i1 @cairn.dict.delete(ptr %dict, ptr @other, i64 4)
  %c33 = icmp eq i1 %r33, true
  call void @must(i1 %c33, i32 33)
  %r34 = call i1 @cairn.dict.delete(ptr %dict, ptr @other, i64 4)
  %c34 = icmp eq i1 %r34, false
  call void @must(i1 %c34, i32 34)
  %r35 = call ptr @cairn.dict.get(ptr %dict, ptr @other, i64 4)
  %c35 = icmp eq ptr %r35, null
  call void @must(i1 %c35, i32 35)
  call void @cairn.dict.cleanup(ptr %dict)
  %r36 = call i32 @cairn.dict.length(ptr %dict)
  %c36 = icmp eq i32 %r36, 0
  call void @must(i1 %c36, i32 36)
  %dtry = call ptr @cairn.try.alloc.dict(i32 4)
  %c37 = icmp ne ptr %dtry, null
  call void @must(i1 %c37, i32 37)
  call void @cairn.decref(ptr %dtry)
  %dheap = call ptr @cairn.heap.alloc.dict(ptr @cairn_default_heap_object, i32 4)
  %c38 = icmp ne ptr %dheap, null
  call void @must(i1 %c38, i32 38)
  call void @cairn.decref(ptr %dheap)
  %dheaptry = call ptr @cairn.heap.try.alloc.dict(ptr @cairn_default_heap_object, i32 4)
  %c39 = icmp ne ptr %dheaptry, null
  call void @must(i1 %c39, i32 39)
  call void @cairn.decref(ptr %dheaptry)
  call void @cairn.decref(ptr %dict)
  call void @cairn.decref(ptr %floats)
  call void @cairn.decref(ptr %ints)
  call void @cairn.decref(ptr %refs)
  ; Nothing is left.
  %left = call i64 @live()
  %c902 = icmp eq i64 %left, 0
  call void @must(i1 %c902, i32 92)
  ret i32 0
}

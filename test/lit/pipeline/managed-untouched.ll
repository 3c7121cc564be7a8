; A module without references is what it was without the pass.
; RUN: %opt -passes='cairn-import' -S %s -o %t.import.ll
; RUN: %opt -passes='cairn-import,cairn-managed<O2>' -S %s | diff - %t.import.ll
declare ptr @cairn.alloc.bytes(i64)
declare void @cairn.decref(ptr)
define i32 @f() memory(read) {
  %x = alloca i32
  store i32 1, ptr %x
  %p = call ptr @cairn.alloc.bytes(i64 8)
  call void @cairn.decref(ptr %p)
  %y = load i32, ptr %x
  ret i32 %y
}

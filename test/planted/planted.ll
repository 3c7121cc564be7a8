; Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;
; As planted.c, in IR that a frontend would emit, without debug information: main returns after
; the mistake whose number is its argument.

target triple = "x86_64-unknown-linux-gnu"

%type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@fields = private constant [1 x i32] [i32 0]
@name = private constant [5 x i8] c"cell\00"
@board_name = private constant [6 x i8] c"board\00"
@board = internal global %type { i32 200, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr @board_name }
@cell = internal global %type { i32 32, i16 8, i16 1, i32 0, i32 0, ptr @fields, ptr null, ptr @name }
@kept = internal global ptr null

declare ptr @cairn.alloc(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare void @cairn.share(ptr)
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
declare void @cairn.free.sized(ptr, i64)
declare i8 @cairn.tag(ptr)
declare i32 @atoi(ptr)

define internal ptr @make_cell() noinline {
  %o = call ptr @cairn.alloc(ptr @cell)
  store ptr %o, ptr @kept
  ret ptr %o
}
define internal ptr @make_board() noinline {
  %o = call ptr @cairn.alloc(ptr @board)
  store ptr %o, ptr @kept
  ret ptr %o
}
define internal ptr @make_block() noinline {
  %p = call ptr @cairn.malloc(i64 40)
  store ptr %p, ptr @kept
  ret ptr %p
}
define internal ptr @again() noinline {
  %p = load volatile ptr, ptr @kept
  ret ptr %p
}

define i32 @main(i32 %argc, ptr %argv) {
  %at = getelementptr ptr, ptr %argv, i64 1
  %text = load ptr, ptr %at
  %n = call i32 @atoi(ptr %text)
  switch i32 %n, label %done [
    i32 1, label %twice
    i32 2, label %dead
    i32 3, label %inside
    i32 4, label %past
    i32 5, label %freed
    i32 6, label %size
    i32 7, label %tag
    i32 8, label %field
    i32 9, label %lost
    i32 10, label %past_board
  ]
twice: ; released twice
  %a = call ptr @make_cell()
  call void @cairn.decref(ptr %a)
  %a2 = call ptr @again()
  call void @cairn.decref(ptr %a2)
  br label %done
dead: ; a dead object retained
  %b = call ptr @make_cell()
  call void @cairn.decref(ptr %b)
  %b2 = call ptr @again()
  call void @cairn.incref(ptr %b2)
  br label %done
inside: ; the inside of a block freed
  %c = call ptr @make_block()
  %c8 = getelementptr i8, ptr %c, i64 8
  call void @cairn.free(ptr %c8)
  br label %done
past: ; written past the end
  %d = call ptr @make_cell()
  %d32 = getelementptr i8, ptr %d, i64 32
  store volatile i32 1, ptr %d32
  call void @cairn.decref(ptr %d)
  br label %done
freed: ; freed twice
  %e = call ptr @make_block()
  call void @cairn.free(ptr %e)
  %e2 = call ptr @again()
  call void @cairn.free(ptr %e2)
  br label %done
size: ; freed with another size
  %f = call ptr @make_block()
  call void @cairn.free.sized(ptr %f, i64 48)
  br label %done
tag: ; the tag of a dead object
  %g = call ptr @make_cell()
  call void @cairn.decref(ptr %g)
  %g2 = call ptr @again()
  %t = call i8 @cairn.tag(ptr %g2)
  store volatile i8 %t, ptr @kept
  br label %done
field: ; a field that holds an integer
  %h = call ptr @make_cell()
  store volatile i64 4096, ptr %h
  call void @cairn.decref(ptr %h)
  br label %done
lost: ; a count never given back
  %i = call ptr @make_cell()
  store volatile ptr null, ptr @kept
  br label %done
past_board: ; written directly past the end of an object over 128 bytes
  %j = call ptr @make_board()
  %j200 = getelementptr i8, ptr %j, i64 200
  store volatile i32 1, ptr %j200
  call void @cairn.decref(ptr %j)
  br label %done
done:
  ret i32 0
}

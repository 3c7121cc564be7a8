# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""IR that several tests of the JIT add."""

from __future__ import annotations

SUM = """
define i64 @sum(ptr %p, i64 %n) {
entry:
  %some = icmp sgt i64 %n, 0
  br i1 %some, label %loop, label %done
loop:
  %i = phi i64 [0, %entry], [%j, %loop]
  %s = phi i64 [0, %entry], [%t, %loop]
  %q = getelementptr i32, ptr %p, i64 %i
  %v = load i32, ptr %q
  %w = sext i32 %v to i64
  %t = add i64 %s, %w
  %j = add i64 %i, 1
  %more = icmp slt i64 %j, %n
  br i1 %more, label %loop, label %done
done:
  %r = phi i64 [0, %entry], [%t, %loop]
  ret i64 %r
}
"""

OBJECTS = """
declare ptr @cairn.alloc.bytes(i64)
declare void @cairn.decref(ptr)
declare void @cairn.incref(ptr)
@sink = global ptr null

define ptr @make(i64 %n) {
  %p = call ptr @cairn.alloc.bytes(i64 %n)
  store i64 42, ptr %p
  ret ptr %p
}
define void @change(ptr %p, i32 %x) {
  store i32 %x, ptr %p
  ret void
}
define void @drop(ptr %p) {
  call void @cairn.decref(ptr %p)
  ret void
}
define void @fill() {
  br label %again
again:
  %p = call ptr @cairn.alloc.bytes(i64 1000)
  store volatile ptr %p, ptr @sink
  br label %again
}
"""

#!/usr/bin/python3
# allocating_module.py - A module of many functions that allocate.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   tools/bench/allocating_module.py [FUNCTIONS] >module.ll
#
# What a frontend would emit for a program of lists, trees, records and buffers, before
# any optimisation: the shapes below in turn, each with another size, field or bound, so
# that no two are the same. The same text is compiled with the plugin and without it.
"""Writes a module of many functions that allocate."""

import sys

HEADER = """\
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-unknown-linux-gnu"

%cairn_type = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }

declare ptr @cairn.alloc(ptr)
declare ptr @cairn.alloc.tagged(ptr, i8)
declare ptr @cairn.malloc(i64)
declare void @cairn.free(ptr)
declare void @cairn.free.sized(ptr, i64)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare i64 @read(ptr, i64)
"""

# Managed fields at 0 and 8 of a payload of `size` bytes, the other words are integers.
TYPE = """
@type{k} = constant %cairn_type {{ i32 {size}, i16 8, i16 2, i32 0, i32 0, ptr @fields, ptr null, ptr null }}
"""

CONS = """
define ptr @cons{n}(i64 %value, ptr %next) {{
  %cell = call ptr @cairn.alloc(ptr @type{k})
  store ptr %next, ptr %cell
  %null = getelementptr i8, ptr %cell, i64 8
  store ptr null, ptr %null
  %at = getelementptr i8, ptr %cell, i64 {last}
  %v = mul i64 %value, {odd}
  store i64 %v, ptr %at
  ret ptr %cell
}}
"""

# A tree's insertion, one level: the key decides the side, an empty side gets a node.
INSERT = """
define i1 @insert{n}(ptr %tree, i64 %key) {{
entry:
  %at = getelementptr i8, ptr %tree, i64 16
  %have = load i64, ptr %at
  %same = icmp eq i64 %have, %key
  br i1 %same, label %found, label %differs
differs:
  %less = icmp slt i64 %key, %have
  %offset = select i1 %less, i64 0, i64 8
  %side = getelementptr i8, ptr %tree, i64 %offset
  %child = load ptr, ptr %side
  %empty = icmp eq ptr %child, null
  br i1 %empty, label %grow, label %descend
descend:
  %below = call i1 @insert{n}(ptr %child, i64 %key)
  ret i1 %below
grow:
  %node = call ptr @cairn.alloc.tagged(ptr @type{k}, i8 {tag})
  store ptr null, ptr %node
  %right = getelementptr i8, ptr %node, i64 8
  store ptr null, ptr %right
  %where = getelementptr i8, ptr %node, i64 16
  store i64 %key, ptr %where
  store ptr %node, ptr %side
  ret i1 true
found:
  ret i1 false
}}
"""

# A record's field replaced: the new value retained, the old one released.
REPLACE = """
define void @replace{n}(ptr %record, ptr %value, i64 %stamp) {{
  call void @cairn.incref(ptr %value)
  %field = getelementptr i8, ptr %record, i64 {field}
  %old = load ptr, ptr %field
  store ptr %value, ptr %field
  %at = getelementptr i8, ptr %record, i64 {last}
  %s = add i64 %stamp, {odd}
  store i64 %s, ptr %at
  call void @cairn.decref(ptr %old)
  ret void
}}
"""

# A record made from another one, whose fields both then hold.
COPY = """
define ptr @copy{n}(ptr %from) {{
entry:
  %new = call ptr @cairn.alloc(ptr @type{k})
  %a = load ptr, ptr %from
  call void @cairn.incref(ptr %a)
  store ptr %a, ptr %new
  %b.from = getelementptr i8, ptr %from, i64 8
  %b = load ptr, ptr %b.from
  call void @cairn.incref(ptr %b)
  %b.to = getelementptr i8, ptr %new, i64 8
  store ptr %b, ptr %b.to
  br label %loop
loop:
  %i = phi i64 [ 16, %entry ], [ %next, %loop ]
  %word.from = getelementptr i8, ptr %from, i64 %i
  %word.to = getelementptr i8, ptr %new, i64 %i
  %word = load i64, ptr %word.from
  store i64 %word, ptr %word.to
  %next = add i64 %i, 8
  %more = icmp ult i64 %next, {size}
  br i1 %more, label %loop, label %done
done:
  call void @cairn.decref(ptr %from)
  ret ptr %new
}}
"""

# A list built, walked and dropped.
LIST = """
define i64 @list{n}(i64 %count) {{
entry:
  br label %build
build:
  %head = phi ptr [ null, %entry ], [ %cell, %build.body ]
  %i = phi i64 [ 0, %entry ], [ %i.next, %build.body ]
  %more = icmp ult i64 %i, %count
  br i1 %more, label %build.body, label %walk
build.body:
  %cell = call ptr @cairn.alloc(ptr @type{k})
  store ptr %head, ptr %cell
  %value = getelementptr i8, ptr %cell, i64 16
  %squared = mul i64 %i, %i
  store i64 %squared, ptr %value
  %i.next = add i64 %i, 1
  br label %build
walk:
  %at = phi ptr [ %head, %build ], [ %after, %walk.body ]
  %sum = phi i64 [ {odd}, %build ], [ %sum.next, %walk.body ]
  %end = icmp eq ptr %at, null
  br i1 %end, label %drop, label %walk.body
walk.body:
  %from = getelementptr i8, ptr %at, i64 16
  %read = load i64, ptr %from
  %sum.next = add i64 %sum, %read
  %after = load ptr, ptr %at
  br label %walk
drop:
  call void @cairn.decref(ptr %head)
  ret i64 %sum
}}
"""

# A buffer of bytes, filled by a call and summed.
BUFFER = """
define i64 @buffer{n}(i64 %from) {{
entry:
  %buffer = call ptr @cairn.malloc(i64 {bytes})
  %none = icmp eq ptr %buffer, null
  br i1 %none, label %fail, label %fill
fill:
  %got = call i64 @read(ptr %buffer, i64 {bytes})
  %some = icmp sgt i64 %got, 0
  br i1 %some, label %loop, label %done
loop:
  %i = phi i64 [ 0, %fill ], [ %next, %loop ]
  %sum = phi i64 [ %from, %fill ], [ %sum.next, %loop ]
  %at = getelementptr i8, ptr %buffer, i64 %i
  %byte = load i8, ptr %at
  %wide = zext i8 %byte to i64
  %mixed = mul i64 %sum, {odd}
  %sum.next = add i64 %mixed, %wide
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %got
  br i1 %more, label %loop, label %done
done:
  %result = phi i64 [ %from, %fill ], [ %sum.next, %loop ]
  call void @cairn.free{sized}(ptr %buffer{size_argument})
  ret i64 %result
fail:
  ret i64 -1
}}
"""

# A buffer of a size that is known when it runs.
GROW = """
define ptr @grow{n}(ptr %old, i64 %have, i64 %want) {{
entry:
  %enough = icmp uge i64 %have, %want
  br i1 %enough, label %keep, label %more
keep:
  ret ptr %old
more:
  %size = add i64 %want, {bytes}
  %new = call ptr @cairn.malloc(i64 %size)
  %none = icmp eq ptr %new, null
  br i1 %none, label %fail, label %copy
copy:
  call void @llvm.memcpy.p0.p0.i64(ptr %new, ptr %old, i64 %have, i1 false)
  call void @cairn.free(ptr %old)
  ret ptr %new
fail:
  ret ptr null
}}
"""

SHAPES = [CONS, INSERT, REPLACE, COPY, LIST, BUFFER, GROW]
TYPES = 29


def module(functions):
    """The text of a module of so many functions."""
    parts = [HEADER, "\n@fields = internal constant [2 x i32] [i32 0, i32 8]\n"]
    parts += [TYPE.format(k=k, size=24 + 8 * k) for k in range(TYPES)]
    for n in range(functions):
        k, size = n % TYPES, 24 + 8 * (n % TYPES)
        sized = n // len(SHAPES) % 2
        bytes_ = 16 + n * 8 % 1800
        parts.append(SHAPES[n % len(SHAPES)].format(
            n=n, k=k, size=size, last=size - 8, odd=2 * n + 1, tag=n % 200 + 1,
            field=n // 2 % 2 * 8, bytes=bytes_, sized=".sized" if sized else "",
            size_argument=f", i64 {bytes_}" if sized else ""))
    parts.append("\ndeclare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(module(int(sys.argv[1]) if len(sys.argv) > 1 else 10000))

# many-loops.py - One function with so many loops whose latches are empty, and counts or references.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import sys

LOOP = """ br label %headN
headN:
 call void @TAKE(PTR %p)
 %cN = call i1 @more()
 br i1 %cN, label %bodyN, label %nextN
bodyN:
 %dN = call i1 @more()
 br i1 %dN, label %thisN, label %thatN
thisN:
 call void @this()
 br label %latchN
thatN:
 call void @that()
 br label %latchN
latchN:
 br label %headN
nextN:
"""
TEXT = """target triple = "x86_64-unknown-linux-gnu"
declare i1 @more()
declare void @this()
declare void @that()
declare void @TAKE(PTR)
define void @f(PTR %p) {"""
TEXT += "\n" + "".join(LOOP.replace("N", str(n)) for n in range(int(sys.argv[1]))) + " ret void\n}"
TAKE, PTR = ("take", "ptr addrspace(77)") if "managed" in sys.argv else ("cairn.incref", "ptr")
print(TEXT.replace("TAKE", TAKE).replace("PTR", PTR))

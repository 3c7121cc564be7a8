#!/usr/bin/env python3
# count.py - Counts the instructions of a function's fast path in x86-64 assembly.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   count.py FILE.s FUNCTION [UNTIL]
#
# Walks from the function's label, past each conditional jump (the compiler lays the
# likely side out next) and through each unconditional one, to the return or the first
# instruction that matches the regular expression UNTIL. The frame that a call on the
# other side needs (push, pop, ret) is not counted. Prints "FUNCTION: N", then the
# instructions; fails if there is a call on the way.

import re
import sys

path, function = sys.argv[1:3]
until = re.compile(sys.argv[3]) if len(sys.argv) > 3 else None
lines = [line.split("#")[0].strip() for line in open(path)]
labels = {line[:-1]: at for at, line in enumerate(lines) if line.endswith(":")}
at, counted = labels[function] + 1, []
while True:
    line = lines[at]
    at += 1
    if not line or line.endswith(":") or line.startswith("."):
        continue
    opcode, _, operands = line.partition("\t")
    if opcode.startswith("ret") or (until and until.search(line)):
        break
    if opcode.startswith(("push", "pop")):
        continue
    if opcode.startswith("call") or (opcode == "jmp" and operands not in labels):
        sys.exit(f"{function}: a call on the fast path: {line}")
    if opcode == "jmp":
        at = labels[operands]
    counted.append(line.replace("\t", " "))
print(f"{function}: {len(counted)}")
for line in counted:
    print(f"  {line}")

# many-sizes.py - One function that allocates so many blocks, of one size and a bit or of any.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import sys

print("""target triple = "x86_64-unknown-linux-gnu"
declare ptr @cairn.malloc(i64)
declare void @use(ptr)
declare i64 @size()
define void @f(i64 %n) {""")
for n in range(int(sys.argv[2])):
    print(f" %from{n} = call i64 @size()" if sys.argv[1] == "any" else f" %from{n} = shl i64 %n, 1")
    print(f" %size{n} = add i64 %from{n}, {n}")
    print(f" %p{n} = call ptr @cairn.malloc(i64 %size{n})\n call void @use(ptr %p{n})")
print(" ret void\n}")

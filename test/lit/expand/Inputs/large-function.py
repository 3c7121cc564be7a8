# large-function.py - One function of so many allocations, in a row or in loops.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""large-function.py ROW [LOOP [NESTED]]: allocations in a row, in one loop, and in one in that."""
import sys

row, loop, nested = (int(n) for n in (sys.argv[1:] + ["0", "0"])[:3])
print("""target triple = "x86_64-unknown-linux-gnu"
%t = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node = internal global %t { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
@wide = internal global %t { i32 48, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
declare void @cairn.decref(ptr)
declare void @in.row(ptr)
declare void @in.loop(ptr)
declare void @in.nested(ptr)
declare i1 @more()
define void @large() {""")


def sites(n, what):
    for i in range(n):
        print(f"  %{what}{i} = call ptr @cairn.alloc(ptr @{'wide' if i % 2 else 'node'})")
        print(f"  call void @in.{what}(ptr %{what}{i})")


sites(row, "row")
print("  br label %head\nhead:")
sites(loop, "loop")
print("  br label %inner\ninner:")
sites(nested, "nested")
print("""  %again = call i1 @more()
  br i1 %again, label %inner, label %latch
latch:
  %on = call i1 @more()
  br i1 %on, label %head, label %end
end:
  ret void
}""")

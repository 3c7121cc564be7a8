# large_functions.py - What the lowering costs in one large function.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lowers one function of 1,000 to 32,000 sites: python3 tools/bench/large_functions.py BUILD.

Prints, for each kind of site and each size, the seconds of processor's time in Cairn's
passes with all that they run at -O2, and the factor to half the sites (wanted: at most 2.2).
"""

import re
import subprocess
import sys
import tempfile

HEAD = """target triple = "x86_64-unknown-linux-gnu"
%t = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node = internal global %t { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @cairn.alloc(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
declare ptr @get()
declare void @use(ptr)
define void @f(ptr %in) {
"""
ALLOC = " %pN = call ptr @cairn.alloc(ptr @node)\n call void @use(ptr %pN)\n"
GET = " %pN = call ptr @get()\n call void @cairn.decref(ptr %pN)\n"
DECREF = " call void @cairn.decref(ptr %pN)\n"
KINDS = {
    "allocate": ALLOC,
    "allocate, release": ALLOC + DECREF,
    "allocate, count, release twice": ALLOC + " call void @cairn.incref(ptr %pN)\n" + 2 * DECREF,
    "count one object": " call void @cairn.incref(ptr %in)\n call void @use(ptr %in)\n",
    "release others": GET,
    "a block each": GET + " br label %bN\nbN:\n",
}
SIZES = [1000 << n for n in range(6)]


def seconds(build, module):
    with tempfile.NamedTemporaryFile("w", suffix=".ll") as file:
        file.write(module)
        file.flush()
        report = subprocess.run(
            [f"{build}/llvm/opt", f"-load-pass-plugin={build}/lib/CairnPlugin.so", "-time-passes", "-disable-output",
             "-passes=cairn-import,function(cairn-elide),cairn-lower", file.name],
            check=True, capture_output=True, text=True).stderr
    # With the passes that the lowering runs: the report's first total, its first column.
    return float(re.search(r"^ *([\d.]+) \(100.0%\).* Total$", report, re.M).group(1))


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    print("Large functions by size: seconds in Cairn's passes and theirs (factor to half the sites)\n")
    print(f"| sites | {' | '.join(f'{n:,}' for n in SIZES)} |")
    print("|---|" + "---|" * len(SIZES))
    for name, site in KINDS.items():
        times, cells = [], []
        for n in SIZES:
            body = "".join(site.replace("N", str(i)) for i in range(n))
            times.append(seconds(build, f"{HEAD}{body} ret void\n}}\n"))
            factor = f" ({times[-1] / times[-2]:.2f})" if len(times) > 1 and times[-2] else ""
            cells.append(f"{times[-1]:.3f}{factor}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


main()

# large_functions.py - What the lowering costs in one large function.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles one function of 1,000 to 32,000 sites.

    python3 tools/bench/large_functions.py [BUILD] [ROUNDS]
    python3 tools/bench/large_functions.py --instructions [BUILD] [SITES]

The first table has the seconds of the processor's time that Cairn's passes add to opt's
default<O2>: with the plugin less without it, the least of the rounds each; and the factor to
half the sites (wanted: at most 2.2). The second has all of opt's time with the plugin beside
that of the same paths written by hand: the fast paths' bodies as functions of the module that
are always inlined, called by each site with what the lowering gives them, and optimised by the
same pipeline without the plugin (wanted: at most 3 times at 8,000 sites; measured once).

With --instructions it prints one table of another kind: the instructions of Cairn's passes alone,
with all of LLVM's that they run, counted by callgrind; for these functions, and for one of so
many statements with managed references. They are the same on a busy machine, where the caches
and so the seconds are not. SITES is the largest function of that table.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

from managed_module import large_function

HEAD = """
%t = type { i32, i16, i16, i32, i32, ptr, ptr, ptr }
@node = internal global %t { i32 16, i16 8, i16 0, i32 0, i32 0, ptr null, ptr null, ptr null }
declare ptr @get()
declare void @use(ptr)
"""
TARGET = """target triple = "x86_64-unknown-linux-gnu"
"""
CALLS = """declare ptr @cairn.alloc(ptr)
declare void @cairn.incref(ptr)
declare void @cairn.decref(ptr)
"""
# By hand: an object of 16 bytes is in bin 72 of the thread's and has this header word.
ALLOC = (" %pN = call ptr @cairn.alloc(ptr @node)\n",
         " %vN = call ptr @cairn_fast_bins()\n"
         " %pN = call ptr @cairn_fast_alloc(ptr %vN, i64 72, i32 -2147483648, ptr null)\n")
USE = 2 * (" call void @use(ptr %pN)\n",)
INCREF = (" call void @cairn.incref(ptr %pN)\n", " call void @cairn_fast_incref_nonnull(ptr %pN)\n")
DECREF = (" call void @cairn.decref(ptr %pN)\n", " call void @cairn_fast_decref_leaf(ptr %pN)\n")
GET = 2 * (" %pN = call ptr @get()\n",)
RELEASE = (" call void @cairn.decref(ptr %pN)\n", " call void @cairn_fast_decref(ptr %pN)\n")
ONE = (" call void @cairn.incref(ptr %in)\n", " call void @cairn_fast_incref(ptr %in)\n")
USE_ONE = 2 * (" call void @use(ptr %in)\n",)
BLOCK = 2 * (" br label %bN\nbN:\n",)
KINDS = {
    "allocate": [ALLOC, USE],
    "allocate, release": [ALLOC, USE, DECREF],
    "allocate, count, release twice": [ALLOC, USE, INCREF, DECREF, DECREF],
    "count one object": [ONE, USE_ONE],
    "release others": [GET, RELEASE],
    "a block each": [GET, RELEASE, BLOCK],
}
SIZES = [1000 << n for n in range(6)]
BY_HAND = [n for n in SIZES if n <= 8000]  # minutes with more


def by_hand(build):
    """The fast paths as a module's own functions that are always inlined, as text."""
    # In the folder of LLVM's major, of which a build has one.
    bitcode = sorted(glob.glob(f"{build}/lib/cairn/*/cairn-fast-x86_64.bc"))
    if not bitcode:
        sys.exit(f"large_functions.py: {build} has no lib/cairn/*/cairn-fast-x86_64.bc; build the target CairnPlugin")
    text = subprocess.run([f"{build}/llvm/llvm-dis", bitcode[0], "-o", "-"],
                          check=True, capture_output=True, text=True).stdout
    text = re.sub(r"^define hidden (.*?)(#\d+) ", r"define internal \1alwaysinline \2 ", text, flags=re.M)
    # The slow paths as the lowering declares them.
    return re.sub(r"^(declare (?:\w+ )*\w+ @cairn_rt_.*?)( local_unnamed_addr)? (#\d+)", r"\1 nonlazybind \3",
                  text, flags=re.M)


def sites(parts, n, form):
    site = "".join(part[form] for part in parts)
    body = "".join(site.replace("N", str(i)) for i in range(n))
    return f"{HEAD}define void @f(ptr %in) {{\n{body} ret void\n}}\n"


def title(sizes):
    return f"| sites | {' | '.join(f'{n:,}' for n in sizes)} |\n|---|{'---|' * len(sizes)}"


def seconds(opt, module, rounds, *options):
    """The least processor's time of opt's default<O2>."""
    with tempfile.NamedTemporaryFile("w", suffix=".ll") as file:
        file.write(module)
        file.flush()
        command = [opt, *options, "-passes=default<O2>", file.name, "-disable-output"]
        times = []
        for _ in range(rounds):
            _, status, usage = os.wait4(os.posix_spawnp(command[0], command, os.environ), 0)
            if status:
                sys.exit(f"large_functions.py: {' '.join(command)} failed")
            times.append(usage.ru_utime)
        return min(times)


ALONE = "cairn-import,cairn-managed<O2>,function(cairn-pairs,cairn-registers,cairn-elide),cairn-lower<O2>"
PASSES = ["Import", "Managed", "Pairs", "Elide", "Lower"]


def managed(build, out, n):
    """One function of so many statements, as clang writes it, as text."""
    with open(f"{out}/large.c", "w") as file:
        file.write(large_function(n))
    return subprocess.run([f"{build}/llvm/clang", "-O2", "-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes",
                           f"-I{build}/../runtime/include", f"{out}/large.c", "-o", "-"],
                          check=True, capture_output=True, text=True).stdout


def instructions(build, out, module):
    """Millions of instructions in Cairn's passes."""
    with open(f"{out}/module.ll", "w") as file:
        file.write(module)
    toggles = [f"--toggle-collect=cairn::{name}Pass::run(*" for name in PASSES]
    done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}/profile", *toggles,
                           f"{build}/llvm/opt", f"-load-pass-plugin={out}/plugin.so", f"-passes={ALONE}",
                           "-disable-output", f"{out}/module.ll"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"large_functions.py: valgrind: {done.stderr}")
    return int(re.search(r"Collected : (\d+)", done.stderr)[1]) / 1e6


def instruction_table(build, largest):
    sizes = [n for n in SIZES if n <= largest]
    print("Large functions by size: millions of instructions of Cairn's passes (factor to half the sites)\n")
    print(title(sizes), flush=True)
    with tempfile.TemporaryDirectory() as out:
        # Debian 12's valgrind does not read the debug information of newer clang.
        shutil.copy(f"{build}/lib/CairnPlugin.so", f"{out}/plugin.so")
        subprocess.run([f"{build}/llvm/llvm-strip", "-g", f"{out}/plugin.so"], check=True)
        rows = {name: lambda n, parts=parts: TARGET + CALLS + sites(parts, n, 0) for name, parts in KINDS.items()}
        rows["managed references"] = lambda n: managed(build, out, n)
        for name, module in rows.items():
            counts = [instructions(build, out, module(n)) for n in sizes]
            factors = [""] + [f" ({now / half:.2f})" for half, now in zip(counts, counts[1:])]
            print(f"| {name} | {' | '.join(f'{c:,.0f}{f}' for c, f in zip(counts, factors))} |", flush=True)


def main():
    if "--instructions" in sys.argv:
        rest = [a for a in sys.argv[1:] if a != "--instructions"]
        instruction_table(rest[0] if rest else "build", int(rest[1]) if len(rest) > 1 else SIZES[-1])
        return
    build = sys.argv[1] if len(sys.argv) > 1 else "build"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    opt = f"{build}/llvm/opt"
    plugin = f"-load-pass-plugin={build}/lib/CairnPlugin.so"
    hand = by_hand(build)
    peers = []
    print("Large functions by size: seconds that the lowering adds to default<O2> (factor to half the sites)\n")
    print(title(SIZES), flush=True)
    for name, parts in KINDS.items():
        added, cells, row = [], [], []
        for n in SIZES:
            plain = TARGET + CALLS + sites(parts, n, 0)
            ours = seconds(opt, plain, rounds, plugin)
            added.append(ours - seconds(opt, plain, rounds))
            factor = f" ({added[-1] / added[-2]:.2f})" if len(added) > 1 and added[-2] > 0 else ""
            cells.append(f"{added[-1]:.2f}{factor}")
            if n in BY_HAND:
                theirs = seconds(opt, hand + sites(parts, n, 1), 1)
                row.append(f"{ours:.2f} / {theirs:.2f} ({ours / theirs:.2f})")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
        peers.append(f"| {name} | {' | '.join(row)} |")
    print("\nAll of default<O2>, seconds: with the plugin / the same paths by hand, always inlined (ratio)\n")
    print(title(BY_HAND))
    print("\n".join(peers))


main()

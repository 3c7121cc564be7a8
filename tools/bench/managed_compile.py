# managed_compile.py - What managed references cost the compiler.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python3 tools/bench/managed_compile.py [BUILD] [ROUNDS] [FUNCTIONS]

The first table: a module of 10,000 functions with references. Seconds of the processor that
clang -O2 -c takes without the plugin, and that Cairn's passes take with it: inserting counts
with all simplification and inlining that runs for it, certifying, and what every module with
Cairn's intrinsics pays, importing and lowering. Wanted: inserting at most 8%, certifying at
most 20% of clang's time. The second: one function of 1,000 to 32,000 statements with
references, the seconds of both, and the factor to half as many.
"""

import json
import os
import subprocess
import sys
import tempfile

from managed_module import large_function, module

# The passes of a row by the names that -ftime-trace gives them.
INSERTING = ["cairn::ManagedPass"]
REST = ["cairn::ImportPass", "cairn::ElidePass", "cairn::LowerPass"]
SIZES = [1000 << n for n in range(6)]


def totals(trace):
    """Seconds in each pass, with those that it runs."""
    with open(trace) as file:
        events = json.load(file)["traceEvents"]
    return {e["name"][6:]: e["dur"] / 1e6 for e in events if e["name"].startswith("Total ")}


def compile_once(build, source, out, arguments):
    """The processor's seconds, and those in each pass."""
    trace = f"{out}/trace.json"
    command = [f"{build}/llvm/clang", "-O2", "-c", f"-I{build}/../runtime/include", source, "-o", f"{out}/o.o",
               f"-ftime-trace={trace}", "-ftime-trace-granularity=1000000000", *arguments]
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit("failed: " + " ".join(command))
    return usage.ru_utime + usage.ru_stime, totals(trace)


def measure(build, text, out, rounds):
    """The least of the rounds: clang's seconds, with the plugin, inserting, certifying, the rest."""
    source = f"{out}/module.c"
    with open(source, "w") as file:
        file.write(text)
    plugin = [f"-fpass-plugin={build}/lib/CairnPlugin.so"]
    certify = ["-Xclang", "-load", "-Xclang", f"{build}/lib/CairnPlugin.so", "-mllvm", "-cairn-certify"]
    figures = []
    for _ in range(rounds):
        without, _ = compile_once(build, source, out, [])
        whole, passes = compile_once(build, source, out, plugin)
        _, checked = compile_once(build, source, out, plugin + certify)
        inserting, both = (sum(p.get(n, 0) for n in INSERTING) for p in (passes, checked))
        rest = sum(passes.get(n, 0) for n in REST)
        figures.append((without, whole, inserting, max(both - inserting, 0), rest))
    return [min(f) for f in zip(*figures)]


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    functions = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
    with tempfile.TemporaryDirectory() as out:
        without, _, inserting, certifying, rest = measure(build, module(functions), out, rounds)
        print(f"| {functions} functions | seconds | of clang -O2 -c | wanted |\n|---|---|---|---|")
        print(f"| clang -O2 -c without the plugin | {without:.2f} | | |")
        for name, seconds, wanted in [("inserting", inserting, "8%"), ("certifying", certifying, "20%"),
                                      ("importing and lowering", rest, "")]:
            print(f"| {name} | {seconds:.2f} | {seconds / without:.1%} | {wanted} |")
        print("\n| statements in one function | inserting, s | to half | certifying, s | to half | clang, s |\n"
              "|---|---|---|---|---|---|")
        before = None
        for size in SIZES:
            without, _, inserting, certifying, _ = measure(build, large_function(size), out, 1)
            cells = [f"{inserting:.2f}", f"{inserting / before[0]:.1f}" if before else "",
                     f"{certifying:.2f}", f"{certifying / before[1]:.1f}" if before else "", f"{without:.2f}"]
            print(f"| {size} | " + " | ".join(cells) + " |", flush=True)
            before = (max(inserting, 1e-6), max(certifying, 1e-6))


if __name__ == "__main__":
    main()

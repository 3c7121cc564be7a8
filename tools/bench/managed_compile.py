# managed_compile.py - What managed references cost the compiler.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python3 tools/bench/managed_compile.py [BUILD] [ROUNDS] [FUNCTIONS]

The first table: a module of 10,000 functions with references. Seconds of the processor that
clang -O2 -c takes without the plugin, and that Cairn's passes take with it, each with all
simplification, inlining and clean-up that runs for it: inserting counts and optimising them,
certifying, and what every module with Cairn's intrinsics pays, importing and lowering. Wanted:
inserting at most 8%, all without certifying at most 15%, certifying at most 20% of clang's time.
The second: one function of 1,000 to 32,000 statements with references, the seconds of Cairn's
passes alone (in opt), and the factor to half as many.
"""

import json
import os
import subprocess
import sys
import tempfile

from managed_module import large_function, module

# The passes of a row by the names that -ftime-trace gives them.
INSERTING = ["cairn::ManagedPass"]
REST = ["cairn::ImportPass", "cairn::PairsPass", "cairn::RegistersPass", "cairn::ElidePass", "cairn::LowerPass"]
SIZES = [1000 << n for n in range(6)]
ALONE = "cairn-import,cairn-managed<O2>,function(cairn-pairs,cairn-registers,cairn-elide),cairn-lower<O2>"
CERTIFIED = "cairn-import,cairn-copies,cairn-slots,cairn-modes,cairn-cells,cairn-insert,cairn-certify"


def totals(trace):
    """Seconds in each pass, with those that it runs."""
    with open(trace) as file:
        events = json.load(file)["traceEvents"]
    return {e["name"][6:]: e["dur"] / 1e6 for e in events if e["name"].startswith("Total ")}


def run(command):
    """The processor's seconds."""
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit("failed: " + " ".join(command))
    return usage.ru_utime + usage.ru_stime


def write(text, out):
    source = f"{out}/module.c"
    with open(source, "w") as file:
        file.write(text)
    return source


def compile_once(build, source, out, arguments):
    """The processor's seconds, and those in each pass."""
    trace = f"{out}/trace.json"
    seconds = run([f"{build}/llvm/clang", "-O2", "-c", f"-I{build}/../runtime/include", source, "-o", f"{out}/o.o",
                   f"-ftime-trace={trace}", "-ftime-trace-granularity=1000000000", *arguments])
    return seconds, totals(trace)


def measure(build, source, out, rounds):
    """The least of the rounds: clang's seconds, inserting, certifying, the rest."""
    plugin = [f"-fpass-plugin={build}/lib/CairnPlugin.so"]
    certify = ["-Xclang", "-load", "-Xclang", f"{build}/lib/CairnPlugin.so", "-mllvm", "-cairn-certify"]
    figures = []
    for _ in range(rounds):
        without, _ = compile_once(build, source, out, [])
        _, passes = compile_once(build, source, out, plugin)
        _, checked = compile_once(build, source, out, plugin + certify)
        inserting, both = (sum(p.get(n, 0) for n in INSERTING) for p in (passes, checked))
        rest = sum(passes.get(n, 0) for n in REST)
        figures.append((without, inserting, max(both - inserting, 0), rest))
    return [min(f) for f in zip(*figures)]


def alone(build, source, out):
    """Seconds of each pass in opt: LLVM's own on one large function take its square."""
    trace = f"{out}/trace.json"
    run([f"{build}/llvm/clang", "-O2", "-S", "-emit-llvm", "-Xclang", "-disable-llvm-passes",
         f"-I{build}/../runtime/include", source, "-o", f"{out}/module.ll"])
    passes = []
    for pipeline in (ALONE, CERTIFIED):
        run([f"{build}/llvm/opt", f"-load-pass-plugin={build}/lib/CairnPlugin.so", f"-passes={pipeline}",
             "-disable-output", f"{out}/module.ll", "-time-trace", f"-time-trace-file={trace}",
             "-time-trace-granularity=1000000000"])
        passes.append(totals(trace))
    return [sum(passes[n].get(name, 0) for name in names)
            for n, names in ((0, INSERTING), (0, REST), (1, ["cairn::CertifyPass"]))]


def main():
    build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    functions = int(sys.argv[3]) if len(sys.argv) > 3 else 10000
    with tempfile.TemporaryDirectory() as out:
        without, inserting, certifying, rest = measure(build, write(module(functions), out), out, rounds)
        print(f"| {functions} functions | seconds | of clang -O2 -c | wanted |\n|---|---:|---:|---:|")
        print(f"| clang -O2 -c without the plugin | {without:.2f} | | |")
        for name, seconds, wanted in [("inserting and optimising", inserting, "8%"),
                                      ("importing and lowering", rest, ""),
                                      ("all of these", inserting + rest, "15%"), ("certifying", certifying, "20%")]:
            print(f"| {name} | {seconds:.2f} | {seconds / without:.1%} | {wanted} |")
        print("\n| statements in one function | inserting, s | to half | importing and lowering, s | to half "
              "| certifying, s | to half |\n|---|---:|---:|---:|---:|---:|---:|")
        before = None
        for size in SIZES:
            now = alone(build, write(large_function(size), out), out)
            cells = []
            for n, seconds in enumerate(now):
                cells += [f"{seconds:.2f}", f"{seconds / max(before[n], 1e-6):.1f}" if before else ""]
            print(f"| {size} | " + " | ".join(cells) + " |", flush=True)
            before = now


if __name__ == "__main__":
    main()

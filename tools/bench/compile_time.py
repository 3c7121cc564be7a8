# compile_time.py - What the lowering costs the compiler.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles one module of many functions that allocate, without the plugin and with it."""

import json
import os
import time

from allocating_module import module
from common import fail, heading, progress, row

PASSES = ["cairn::ImportPass", "cairn::ElidePass", "cairn::LowerPass"]
WANTED = 0.05


def compile_once(command):
    """Elapsed time, and the processor's: on a busy machine only the second is clang's."""
    begin = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        fail(" ".join(command))
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime


def time_in_passes(trace):
    """Seconds in Cairn's passes, with all passes that they run."""
    with open(trace) as file:
        events = json.load(file)["traceEvents"]
    return sum(e["dur"] for e in events if e["name"] in [f"Total {p}" for p in PASSES]) / 1e6


def compile_time_table(build, out, rounds, functions, wanted):
    """Prints the table; the figures."""
    if not wanted("compile time"):
        return {}
    source = f"{out}/module.ll"
    with open(source, "w") as file:
        file.write(module(functions))
    # Both write a trace, for the time that takes; only totals are kept of it.
    command = [f"{build}/llvm/clang", "-O2", "-c", "-Wno-override-module", source, "-o", f"{out}/module.o",
               f"-ftime-trace={out}/trace.json", "-ftime-trace-granularity=1000000000"]
    plugin = [f"-fpass-plugin={build}/lib/CairnPlugin.so"]
    figures = []
    for at in range(rounds):
        progress(f"compile time of {functions} functions: round {at + 1} of {rounds}, without")
        wall, without = compile_once(command)
        progress(f"compile time of {functions} functions: round {at + 1} of {rounds}, with")
        wall_with, processor = compile_once(command + plugin)
        # The passes' time is elapsed time, of a process that may have waited.
        passes = time_in_passes(f"{out}/trace.json") * processor / wall_with
        figures.append((without, processor, passes, wall, wall_with))
    # What another process takes of a cache or a core only adds: the least is the best known.
    without, processor, passes, wall, wall_with = (min(f) for f in zip(*figures))
    results = {"without, s": without, "with the plugin, s": processor, "Cairn's passes, s": passes,
               "passes, of without": passes / without,
               "with - without, of without": processor / without - 1}
    heading(f"Compile time of {functions} functions that allocate, clang -O2 -c, "
            "processor's time", [*results, "wanted"])
    row("compile time", [f"{f:.1%}" if "of" in n else f"{f:.2f}" for n, f in results.items()] +
        [f"passes at most {WANTED:.0%}"])
    return {**results, "elapsed without, s": wall, "elapsed with, s": wall_with, "wanted": WANTED}

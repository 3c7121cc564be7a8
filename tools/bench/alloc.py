#!/usr/bin/python3
# alloc.py - Cairn's heap beside Debian's allocators, in one run.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   tools/bench/alloc.py [--build DIR] [--rounds N] [--only TEXT] [--json FILE] [--svg FILE]
#
# Compiles the workloads in tools/bench/alloc for each allocator, keeps a process of each,
# and has them do each workload in turn, round after round; prints medians. The last
# columns are ratios, each the median of the rounds' own ratios. Programs and resident
# sizes are measured in processes of their own.
"""Prints tables of Cairn's heap beside Debian's allocators."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
PEERS = {
    "mimalloc": "libmimalloc.so.2",
    "jemalloc": "libjemalloc.so.2",
    "tcmalloc": "libtcmalloc_minimal.so.4",
}
MICRO = [
    "pair 16", "pair 48", "pair 128", "pair 512", "pair 2048", "pair 16..512",
    "LIFO 1000", "FIFO 1000", "random 1000", "mixed 16..512", "list 100k", "tree 20",
    "replace 2k", "replace 10k", "replace 100k", "replace 1M", "large 4K..1M",
]
AGED = ["aged list, build", "aged list, walk"]
COUNTS = ["new+drop", "new+drop, any type", "counted list 100k", "incref+decref",
          "incref+decref, shared"]
THREADS = ["larson, 2 threads", "producer/consumer 48", "producer/consumer 256"]
PROGRAMS = ["binary trees", "interpreter", "server, 2 threads", "json"]
MEMORY = ["resident 24", "resident 48", "resident 100", "resident 16..512",
          "left of all freed", "left of 9/10 freed", "left of all, random order"]


def fail(message):
    sys.exit(f"error: {message}")


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        fail(f"{' '.join(command)}\n{done.stderr}")


class Allocator:
    """A way to run the workloads."""

    def __init__(self, name, command, preload=None):
        self.name, self.command = name, command
        self.environment = dict(os.environ)
        if preload:
            self.environment["LD_PRELOAD"] = preload
        self.process = None

    def figure(self, workload):
        """The workload's figure, from the process that is kept."""
        if not self.process:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env=self.environment)
        self.process.stdin.write(workload + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        try:
            return float(line)
        except ValueError:
            fail(f"{self.name} gave no figure for '{workload}': {line!r}")

    def alone(self, workload):
        """The figure and the peak resident MiB of a process that does nothing else."""
        process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True, env=self.environment)
        process.stdin.write(workload + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        # wait4 would count what this program had resident when it forked.
        with open(f"/proc/{process.pid}/status") as status:
            peak = next(int(l.split()[1]) for l in status if l.startswith("VmHWM"))
        process.stdin.close()
        if process.wait():
            fail(f"{self.name} ended with status {process.returncode} in '{workload}'")
        return float(line), peak / 1024

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()


def compile_all(build, out):
    """The workers, by name. The JIT's compiles its own at its start."""
    source = os.path.join(HERE, "alloc")
    files = sorted(os.path.join(source, f) for f in os.listdir(source) if f.endswith(".c"))
    driver, include = f"{build}/bin/cairn", os.path.join(HERE, "../../runtime/include")
    if not os.path.exists(driver):
        fail(f"{driver} is not there; build Cairn first (tools/demo does)")
    compiler = ["clang-22", "-O2", "-pthread", "-I", include]
    run([driver, "build", "-O2", "-DBENCH_CAIRN", *files, "-o", f"{out}/inlined", "-lpthread"])
    run([*compiler, "-DBENCH_CAIRN", *files, f"{build}/lib/libcairn.a", "-o", f"{out}/calls"])
    run([*compiler, "-DBENCH_MALLOC", *files, "-o", f"{out}/malloc"])
    run([*compiler, "-DBENCH_FLT", *files, "-o", f"{out}/flt"])
    allocators = [
        Allocator("cairn", [f"{out}/inlined"]),
        Allocator("jit", [driver, "run", "-O2", "-DBENCH_CAIRN", *files]),
        Allocator("calls", [f"{out}/calls"]),
        Allocator("flt", [f"{out}/flt"]),
        Allocator("glibc", [f"{out}/malloc"]),
    ]
    for name, library in PEERS.items():
        path = os.path.join(LIBRARIES, library)
        if os.path.exists(path):
            allocators.append(Allocator(name, [f"{out}/malloc"], path))
        else:
            print(f"(no {library} here: {name} is left out)")
    return allocators


def best_peer(figures):
    peers = [n for n in figures if n in PEERS or n == "glibc"]
    return min(peers, key=lambda n: statistics.median(figures[n]))


def ratio(figures, other):
    return statistics.median(
        a / b if b else float("nan") for a, b in zip(figures["cairn"], figures[other]))


def heading(title, allocators, unit, last):
    print(f"\n### {title}, {unit}\n")
    names = [a.name for a in allocators]
    print("| | " + " | ".join(names + last) + " |")
    print("|---|" + "---|" * (len(names) + len(last)))


def table(title, workloads, allocators, rounds, results, unit="ns"):
    workloads = [w for w in workloads if wanted(w)]
    if not workloads:
        return
    heading(title, allocators, unit, ["of flt", "of the best peer"])
    for workload in workloads:
        figures = {a.name: [] for a in allocators}
        for at in range(rounds):
            progress(f"{workload}: round {at + 1} of {rounds}")
            for allocator in allocators:
                figures[allocator.name].append(allocator.figure(workload))
        report(workload, figures, results)


def report(workload, figures, results):
    progress("")
    peer = best_peer(figures)
    row = [f"{statistics.median(f):.2f}" for f in figures.values()]
    print(f"| {workload} | {' | '.join(row)} | {ratio(figures, 'flt'):.2f} | "
          f"{ratio(figures, peer):.2f} ({peer}) |", flush=True)
    results[workload] = {n: statistics.median(f) for n, f in figures.items()}
    results[workload]["of flt"] = ratio(figures, "flt")
    results[workload]["of best"] = ratio(figures, peer)


def alone(title, workloads, allocators, rounds, results, peaks):
    workloads = [w for w in workloads if wanted(w)]
    allocators = [a for a in allocators if a.name != "jit"]
    if not workloads:
        return
    unit = "ms, and peak MiB" if peaks else "bytes of a byte"
    heading(title, allocators, unit, ["of flt", "of the best peer"])
    for workload in workloads:
        figures = {a.name: [] for a in allocators}
        peak = {a.name: [] for a in allocators}
        for at in range(rounds):
            progress(f"{workload}: round {at + 1} of {rounds}")
            for allocator in allocators:
                figure, mib = allocator.alone(workload)
                figures[allocator.name].append(figure)
                peak[allocator.name].append(mib)
        report(workload, figures, results)
        if peaks:
            report(workload + ", MiB", peak, results)


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def draw(path, results):
    """Bars: how long Cairn takes of the best peer's time."""
    rows = [(w, r["of best"]) for w, r in results.items() if r["of best"] == r["of best"]]
    width, line = 640, 20
    text = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
            f'height="{line * len(rows) + 40}" font-family="sans-serif" font-size="12">',
            '<text x="8" y="18">Cairn, of the best of glibc, mimalloc, jemalloc and tcmalloc'
            ' (shorter is better; the line is 1)</text>']
    for at, (name, value) in enumerate(rows):
        y = 30 + at * line
        bar = min(value, 2) * 200
        colour = "#2a7" if value <= 1 else "#c63"
        text.append(f'<text x="8" y="{y + 13}">{name}</text>'
                    f'<rect x="190" y="{y + 2}" width="{bar:.0f}" height="14" fill="{colour}"/>'
                    f'<text x="{196 + bar:.0f}" y="{y + 13}">{value:.2f}</text>')
    text.append(f'<line x1="390" x2="390" y1="28" y2="{30 + line * len(rows)}" stroke="#333"/></svg>')
    with open(path, "w") as out:
        out.write("\n".join(text) + "\n")


def main():
    global wanted
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(HERE, "../../build"),
                        help="the build directory")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default="", help="workloads whose name has this in it")
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--svg", help="write the ratios as a picture to this file")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        fail(f"--rounds {arguments.rounds}: at least 1")
    wanted = lambda name: arguments.only in name
    results = {}
    with tempfile.TemporaryDirectory() as out:
        allocators = compile_all(os.path.abspath(arguments.build), out)
        rounds = arguments.rounds
        table("Blocks", MICRO, allocators, rounds, results)
        table("After a million frees in random order", AGED, allocators, min(rounds, 3), results)
        table("Counted objects", COUNTS, allocators, rounds, results)
        table("Threads", THREADS, allocators, rounds, results)
        for allocator in allocators:
            allocator.stop()
        alone("Programs", PROGRAMS, allocators, min(rounds, 5), results, True)
        alone("Resident memory", MEMORY, allocators, 1, results, False)
    if arguments.json:
        with open(arguments.json, "w") as out:
            json.dump(results, out, indent=1)
    if arguments.svg:
        draw(arguments.svg, results)


if __name__ == "__main__":
    main()

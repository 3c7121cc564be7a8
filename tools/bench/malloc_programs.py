#!/usr/bin/python3
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Programs on libcairn-malloc.so and on Debian's allocators.

    malloc_programs.py [--build BUILD] [--set SET] [--rounds N] [--scale N] [--only NAME,...] [--also NAME=LIBRARY]

SET is `programs`, real ones (the default); `patterns`, which do little but allocate, each in the
way of a known benchmark of allocators; or `all`. Runs each program with each allocator
preloaded, in interleaved rounds, and prints the medians of the processor time, of the time elapsed, and of the
peak resident size of its largest process: with each peer, in brackets, how much of the peer's cairn's
is; then the geometric means, and the mean against the best peer's mean. Allocators that are not installed are
left out, by name.
"""

from __future__ import annotations

import argparse
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "malloc"))
import workloads  # noqa: E402  (beside the library that it is about)

LIBRARIES = "/usr/lib/x86_64-linux-gnu"
PEERS = {
    "glibc": None,
    "mimalloc": f"{LIBRARIES}/libmimalloc.so.2.0",
    "jemalloc": f"{LIBRARIES}/libjemalloc.so.2",
    "tcmalloc": f"{LIBRARIES}/libtcmalloc_minimal.so.4",
}


def measure(build: pathlib.Path, workload: workloads.Workload, scale: int,
            preload: str | None) -> tuple[float, float, float]:
    """Seconds of processor, seconds elapsed, MiB at the peak."""
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        workload.prepare(scale, directory)
        figures = directory / "measured"
        wrapper = (str(build / "bin" / "cairn-malloc-measure"), str(figures), preload or "")
        process = workload.start(scale, directory, None, wrapper, stdout=subprocess.DEVNULL)
        if process.wait():
            raise SystemExit(f"{workload.name} failed with {preload}: status {process.returncode}")
        processor, elapsed, peak = map(float, figures.read_text().split())
        return processor, elapsed, peak / 1024


def mean(values: Iterable[float]) -> float:
    return math.exp(statistics.fmean(math.log(value) for value in values))


def table(title: str, unit: str, rows: dict[str, dict[str, float]], allocators: list[str], digits: int) -> None:
    peers = [name for name in allocators if name != "cairn"]
    print(f"\n{title}\n")
    print(f"| program | cairn, {unit} | " + " | ".join(f"{name} (cairn / {name})" for name in peers)
          + " | cairn / best peer |")
    print("|---" * (len(allocators) + 2) + "|")

    def show(program: str, row: dict[str, float]) -> None:
        cells = [f"{row['cairn']:.{digits}f}",
                 *(f"{row[name]:.{digits}f} ({row['cairn'] / row[name]:.2f})" for name in peers),
                 f"{row['cairn'] / min(row[name] for name in peers):.3f}"]
        print(f"| {program} | " + " | ".join(cells) + " |")

    for program, row in rows.items():
        show(program, row)
    # Its last column: the best peer as the customer means it is the one whose own mean is best.
    show("geometric mean", {name: mean(row[name] for row in rows.values()) for name in allocators})
    each = mean(row["cairn"] / min(row[name] for name in peers) for row in rows.values())
    print(f"\nAgainst the best peer of each program, geometric mean: {each:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=str(ROOT / "build"), help="the build directory")
    parser.add_argument("--set", choices=("programs", "patterns", "all"), default="programs")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--scale", type=int, default=20, help="about a tenth of a second each")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=LIBRARY", help="one more to compare")
    parser.add_argument("--only", default="", help="programs, separated by commas")
    args = parser.parse_args()
    build = pathlib.Path(args.build).resolve()
    allocators = {"cairn": str(build / "lib" / "libcairn-malloc.so")}
    for name, path in PEERS.items():
        if path and not os.path.exists(path):
            print(f"not installed: {name} ({path})")
        else:
            allocators[name] = path
    for name, path in (also.split("=", 1) for also in args.also):
        allocators[name] = os.path.abspath(path)
    sets = {"programs": [*workloads.programs(build / "llvm"), workloads.threads(build / "bin")],
            "patterns": [*workloads.patterns(build / "bin")]}
    programs = [program for name in sets if args.set in (name, "all") for program in sets[name]]
    if args.only:
        programs = [p for p in programs if p.name in args.only.split(",")]
    if not programs or args.rounds < 1 or args.scale < 1:
        parser.error("nothing to run")
    times: dict[str, dict[str, float]] = {}
    elapsed: dict[str, dict[str, float]] = {}
    sizes: dict[str, dict[str, float]] = {}
    for program in programs:
        samples: dict[str, list[tuple[float, float, float]]] = {name: [] for name in allocators}
        for _ in range(args.rounds):
            order = list(allocators)
            random.shuffle(order)
            for name in order:
                samples[name].append(measure(build, program, args.scale, allocators[name]))
        for index, where in enumerate((times, elapsed, sizes)):
            where[program.name] = {n: statistics.median(s[index] for s in samples[n]) for n in allocators}
        print(f"{program.name} done", file=sys.stderr)
    names = list(allocators)
    table("Processor time, median", "s", times, names, 3)
    table("Elapsed time, median", "s", elapsed, names, 3)
    table("Peak resident size, median", "MiB", sizes, names, 1)


if __name__ == "__main__":
    main()

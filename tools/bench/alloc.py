#!/usr/bin/python3
# alloc.py - Cairn beside Debian's allocators, std::shared_ptr and plain LLVM, in one run.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   tools/bench/alloc.py [--build DIR] [--rounds N] [--only TEXT] [--json FILE] [--svg FILE]
#                        [--summary FILE]
#
# Compiles the workloads in tools/bench/alloc for each allocator, keeps a process of each,
# and has them do each workload in turn, round after round; prints medians. The last
# columns are ratios, each the median of the rounds' own ratios. Programs and resident
# sizes are measured in processes of their own. The other tables are in modules of theirs.
"""Prints tables of Cairn beside Debian's allocators, std::shared_ptr and plain LLVM."""

import argparse
import json
import os
import statistics
import tempfile

from code_size import site_table
from common import fail, heading, progress, row
from compile_time import compile_time_table
from counts import shared_ptr_table
from draw import draw
from instructions import instruction_table
from session import session_table
from workers import HERE, PEERS, compile_allocators

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


def best_peer(figures):
    peers = [n for n in figures if n in PEERS or n == "glibc"]
    return min(peers, key=lambda n: statistics.median(figures[n]))


def ratio(figures, other):
    return statistics.median(
        a / b if b else float("nan") for a, b in zip(figures["cairn"], figures[other]))


LAST = ["of flt", "of the best peer"]


def table(title, workloads, allocators, rounds, results, unit="ns"):
    workloads = [w for w in workloads if wanted(w)]
    if not workloads:
        return
    heading(f"{title}, {unit}", [a.name for a in allocators] + LAST)
    for workload in workloads:
        figures = {a.name: [] for a in allocators}
        for at in range(rounds):
            progress(f"{workload}: round {at + 1} of {rounds}")
            for allocator in allocators:
                figures[allocator.name].append(allocator.figure(workload))
        report(title, workload, figures, results)


def report(title, workload, figures, results):
    peer = best_peer(figures)
    row(workload, [f"{statistics.median(f):.2f}" for f in figures.values()] +
        [f"{ratio(figures, 'flt'):.2f}", f"{ratio(figures, peer):.2f} ({peer})"])
    results[workload] = {n: statistics.median(f) for n, f in figures.items()}
    results[workload].update({"table": title, "of flt": ratio(figures, "flt"),
                              "of best": ratio(figures, peer), "best": peer})


def alone(title, workloads, allocators, rounds, results, peaks):
    workloads = [w for w in workloads if wanted(w)]
    allocators = [a for a in allocators if a.name != "jit"]
    if not workloads:
        return
    unit = "ms, and peak MiB" if peaks else "bytes of a byte"
    heading(f"{title}, {unit}", [a.name for a in allocators] + LAST)
    for workload in workloads:
        figures = {a.name: [] for a in allocators}
        peak = {a.name: [] for a in allocators}
        for at in range(rounds):
            progress(f"{workload}: round {at + 1} of {rounds}")
            for allocator in allocators:
                figure, mib = allocator.alone(workload)
                figures[allocator.name].append(figure)
                peak[allocator.name].append(mib)
        report(title, workload, figures, results)
        if peaks:
            report(title, workload + ", MiB", peak, results)


def ratios(results):
    """What draw() is given: the ratios of each table, and to whom."""
    groups = {}
    for workload, figures in results["heap"].items():
        # The allocators' counts are plain integers: their peer is std::shared_ptr.
        if workload.startswith("incref"):
            continue
        groups.setdefault(figures["table"], []).append(
            (workload, figures["of best"], figures["best"]))
    groups["Counts, a second thread alive"] = [
        (n, r["ratio"], "std::shared_ptr") for n, r in results["std::shared_ptr"].items()]
    groups["JIT session, to the first call"] = [(n, r["ratio"], "LLJIT without Cairn")
                                                for n, r in results["session"].items()]
    return list(groups.items())


# What the summary shows: a name that needs no explanation, then table and row.
SUMMARY = {
    "Time": [
        ("take 48 bytes and free them", "Blocks", "pair 48"),
        ("1,000 blocks, freed in random order", "Blocks", "random 1000"),
        ("build and free a tree", "Blocks", "tree 20"),
        ("large blocks, 4 KiB to 1 MiB", "Blocks", "large 4K..1M"),
        ("make and drop a counted object", "Counted objects", "new+drop"),
        ("retain and release", "Counts, a second thread alive", "incref+decref"),
        ("retain and release, shared", "Counts, a second thread alive", "incref+decref, shared"),
        ("two threads, larson's load", "Threads", "larson, 2 threads"),
        ("an interpreter", "Programs", "interpreter"),
        ("a JSON reader", "Programs", "json"),
    ],
    "Resident memory": [
        ("an interpreter, peak", "Programs", "interpreter, MiB"),
        ("a JSON reader, peak", "Programs", "json, MiB"),
        ("left 1 s after freeing all", "Resident memory", "left of all freed"),
    ],
}


def summary(groups):
    """The rows of SUMMARY that were measured, in the form of ratios()."""
    found = {(title, name): (ratio, peer) for title, rows in groups for name, ratio, peer in rows}
    return [(title, [(name, *found[table, row]) for name, table, row in rows
                     if (table, row) in found])
            for title, rows in SUMMARY.items()]


def main():
    global wanted
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(HERE, "../../build"),
                        help="the build directory")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--functions", type=int, default=10000,
                        help="in the module whose compile time is measured")
    parser.add_argument("--only", default="", help="workloads whose name has this in it")
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--svg", help="write the ratios as a picture to this file")
    parser.add_argument("--summary", help="write a picture of the most telling ratios to this file")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        fail(f"--rounds {arguments.rounds}: at least 1")
    wanted = lambda name: arguments.only in name
    build, rounds = os.path.abspath(arguments.build), arguments.rounds
    results = {"heap": {}}
    heap = results["heap"]
    with tempfile.TemporaryDirectory() as out:
        progress("compiling the workloads")
        allocators = compile_allocators(build, out)
        table("Blocks", MICRO, allocators, rounds, heap)
        table("After a million frees in random order", AGED, allocators, min(rounds, 3), heap)
        table("Counted objects", COUNTS, allocators, rounds, heap)
        results["std::shared_ptr"] = shared_ptr_table(allocators, build, out, rounds, wanted)
        table("Threads", THREADS, allocators, rounds, heap)
        for allocator in allocators:
            allocator.stop()
        alone("Programs", PROGRAMS, allocators, min(rounds, 5), heap, True)
        alone("Resident memory", MEMORY, allocators, 1, heap, False)
        results["instructions"] = instruction_table(allocators, build, out, wanted)
        results["bytes of a call site"] = site_table(build, out, wanted)
        results["session"] = session_table(build, wanted)
        # A round takes most of a minute.
        results["compile time"] = compile_time_table(build, out, 1 + rounds // 4,
                                                     arguments.functions, wanted)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file, indent=1)
    if arguments.svg:
        draw(arguments.svg, ratios(results))
    if arguments.summary:
        draw(arguments.summary, summary(ratios(results)))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# profile_cost.py - What the heap profile costs.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""python3 tools/bench/profile_cost.py [--rounds N] [--rate BYTES] [--before LIBRARY] [BUILD] [PROGRAM...]

The programs of tools/bench/managed and tools/bench/programs, as cairn build -O2 makes them: the
processor time with CAIRN_PROFILE as a ratio of the time without it, and the instructions by callgrind
(where it is installed) in the same way. In each round the forms run in turn; the ratio is the
median of the rounds' own ratios. The column "off" is this library without a profile, as a ratio of
the one that --before names (a libcairn.a of the version before).

A program writes its profile at its end, which is counted. Wanted: under 1.02, and 1.00 for "off".
"""

import argparse
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from statistics import median

from common import fail, heading, progress, row, run

SOURCES = pathlib.Path(__file__).resolve().parent
# Argument for the time, and for callgrind; None: the program's own size.
PROGRAMS = {
    "managed/cfold": (20, 17), "managed/deriv": (9, 8), "managed/nqueens": (12, 11),
    "managed/rbtree": (1500000, 200000), "managed/rbtree-ck": (200000, 40000),
    "programs/avl": (None, 2000), "programs/treap": (None, 50),
    "programs/interpreter": (None, 15), "programs/normaliser": (None, 8), "programs/parser": (None, 20),
    "programs/rewriter": (None, 10), "programs/sort": (None, 300), "programs/unionfind": (None, 1),
    "programs/queue": (None, 2000), "programs/editor": (None, 500)}


def seconds(command, env):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def instructions(command, env):
    counting = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                "--main-stacksize=64000000"]
    done = subprocess.run(counting + command, capture_output=True, text=True, env=env)
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found.group(1)) if found else fail(f"{' '.join(command)}\n{done.stderr}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--rate", type=int, default=524288)
    parser.add_argument("--before")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    build, *names = options.words or ["build"]
    known = [name.split("/")[1] for name in PROGRAMS]
    for name in names:
        if name not in known:
            fail(f"{name}: is no program here; they are {', '.join(known)}")
    wanted = [name for name in PROGRAMS if not names or name.split("/")[1] in names]
    cairn, library = f"{build}/bin/cairn", f"{build}/lib/libcairn.a"
    clang = os.path.realpath(f"{build}/llvm") + "/clang"
    resource.setrlimit(resource.RLIMIT_STACK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    counts = shutil.which("valgrind")
    if not counts:
        print("(no valgrind here: the instructions are not counted)")
    with tempfile.TemporaryDirectory() as out:
        env = {k: v for k, v in os.environ.items() if not k.startswith("CAIRN_")}
        on = dict(env, CAIRN_PROFILE=f"{out}/profile.pb:{options.rate}")
        columns = ["time", "instructions", "samples"] + (["time, off", "instructions, off"] if options.before else [])
        heading(f"With a heap profile, one sample in {options.rate} bytes, by the same without", columns)
        all_times = []
        for name in wanted:
            short, (size, counted) = name.split("/")[1], PROGRAMS[name]
            run([cairn, "build", "-O2", "-std=c11", "-c", str(SOURCES / f"{name}.c"), "-o", f"{out}/{short}.o"])
            link = lambda lib, to: run([clang, "-fuse-ld=lld", f"{out}/{short}.o", lib, "-pthread", "-o", to])
            link(library, f"{out}/{short}")
            forms = {"off": ([f"{out}/{short}"], env), "on": ([f"{out}/{short}"], on)}
            if options.before:
                link(options.before, f"{out}/{short}.before")
                forms["before"] = ([f"{out}/{short}.before"], env)
            arguments = [str(size)] if size else []
            rounds = []
            for i in range(options.rounds):
                progress(f"{short}: round {i + 1} of {options.rounds}")
                order = list(forms) if i % 2 else list(forms)[::-1]
                rounds.append({form: seconds(forms[form][0] + arguments, forms[form][1]) for form in order})
            ratio = lambda of, by: f"{median(r[of] / r[by] for r in rounds):.3f}"
            all_times.append(float(ratio("on", "off")))
            work = {}
            if counts:
                progress(f"{short}: instructions")
                work = {form: instructions(command + [str(counted)], e) for form, (command, e) in forms.items()}
            sys.path.insert(0, str(SOURCES.parents[1] / "test" / "profile"))
            import pprof
            run(forms["on"][0] + arguments, env=on)
            bytes_made = pprof.read(f"{out}/profile.pb").total()["alloc_space"]
            count = lambda of, by: f"{work[of] / work[by]:.4f}" if work else ""
            row(short, [ratio("on", "off"), count("on", "off"), f"{bytes_made // options.rate}"]
                + ([ratio("off", "before"), count("off", "before")] if options.before else []))
        product = 1.0
        for time in all_times:
            product *= time
        print(f"\nGeometric mean of the times: {product ** (1 / len(all_times)):.3f}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""check.py - Has Spin search the models of protocols, and find the faults put into them.

Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

    check.py [--long] [--spin PROGRAM] [--cc COMPILER] FILE.pml...

A model's comment says how it is searched:

    RUN: -DTHREADS=2        each state is visited, and no claim fails
    LONG: -DTHREADS=3       the same, with --long alone
    FAULT: -DFAULT_X        the search must find that a claim fails

A line of the table for each: states, seconds, what was found. Exits with 1 if one is not as
it should be, or if a FAULT_ that the model knows has no line, and with 77 where there is no
Spin (CTest: skipped).
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

LINE = re.compile(r"^ \* (RUN|LONG|FAULT): *(.*)$", re.M)
# Steps from the first state that a search goes, and bytes that it may take.
DEPTH, FAULT_DEPTH, MEGABYTES = 2000000, 20000, 4096


def search(spin, cc, model, kind, flags):
    """(whether it is as it should be, states, what was found)"""
    with tempfile.TemporaryDirectory() as place:
        def run(*command):
            return subprocess.run(command, cwd=place, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=3600)

        made = run(spin, "-a", *flags, str(model))
        # What is compiled is searched once: optimising it pays for the longest searches only.
        level = "-O1" if kind == "LONG" else "-O0"
        built = run(cc, level, "-w", "-DSAFETY", f"-DMEMLIM={MEGABYTES}", "-o", "pan", "pan.c")
        if made.returncode or built.returncode or "rror" in made.stdout:
            return False, 0, made.stdout + built.stdout
        depth = FAULT_DEPTH if kind == "FAULT" else DEPTH
        said = run("./pan", "-n", f"-m{depth}", "-w22").stdout
    states = re.search(r"(\d+) states, stored", said)
    errors = re.search(r"errors: (\d+)", said)
    first = re.search(r"pan:1: (.*)", said)
    if not states or not errors:
        return False, 0, said.strip()
    count = int(states[1])
    if kind == "FAULT":
        return errors[1] != "0", count, first[1] if first else "no claim fails"
    whole = "max search depth too small" not in said and "out of memory" not in said
    if errors[1] != "0":
        return False, count, first[1] if first else said
    return whole, count, "" if whole else "the search is not whole"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--spin", default="spin")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    spin, cc = shutil.which(options.spin), shutil.which(options.cc)
    if not spin:
        print("spin is not installed: the models of protocols are not searched")
        return 77
    failed = 0
    print(f"{'model':12} {'flags':44} {'states':>9} {'s':>6}")
    for path in options.models:
        text = path.read_text()
        lines = LINE.findall(text)
        known = set(re.findall(r"#ifn?def (FAULT_\w+)|defined\((FAULT_\w+)\)", text))
        missing = {a or b for a, b in known} - {
            flag[2:] for kind, flags in lines if kind == "FAULT" for flag in flags.split()}
        if missing or not any(kind == "RUN" for kind, _ in lines):
            print(f"{path}: no RUN line, or none for {sorted(missing)}")
            failed += 1
        for kind, flags in lines:
            if kind == "LONG" and not options.long:
                continue
            start = time.monotonic()
            good, states, found = search(spin, cc, path.resolve(), kind, flags.split())
            failed += not good
            mark = "" if good else "FAILED: "
            print(f"{path.stem:12} {flags:44} {states:9} {time.monotonic() - start:6.1f}  "
                  f"{mark}{found}", flush=True)
    return 1 if failed else 0


sys.exit(main())

#!/usr/bin/env python3
# handles.py - Counts that cairn::ref executes, beside raw pointers where a human would borrow.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints, by idiom of tools/bench/handles/idioms.cpp, how many increfs and decrefs a round executes.

    handles.py --build BUILD

"written" is what the handles' code says, at -O0; then what is left of it at -O2; and what is left at
-O2 where the code has raw pointers wherever the caller keeps the object alive. Counts are exact: a
round's are the difference of a run of 1000 rounds and one of none, by `cairn build --count-ops`.
Both forms have to print the same sum.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent / "handles" / "idioms.cpp"
ROUNDS = 1000


def counts(program: str, idiom: str, form: str, rounds: int) -> tuple[str, int]:
    """What it prints, and how many counts it executes."""
    done = subprocess.run([program, idiom, form, str(rounds)], check=True, capture_output=True, text=True)
    total = re.search(r"^\s*(\d+)\s+(\d+)\s+\d+\s+\d+\s+\(all\)$", done.stderr, re.M)
    return done.stdout, sum(map(int, total.groups())) if total else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    options = parser.parse_args()
    cairn = pathlib.Path(options.build) / "bin" / "cairn"
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="cairn-handles-") as directory:
        built = {}
        for level in "02":
            built[level] = f"{directory}/idioms-O{level}"
            subprocess.run([str(cairn), "build", f"-O{level}", "-std=c++17", "--count-ops", str(SOURCE), "-o",
                            built[level]], check=True)
        names = subprocess.run([built["2"]], check=True, capture_output=True, text=True).stdout.split()
        print("| idiom | written | left | with raw pointers |\n|---|---:|---:|---:|")
        for name in names:
            row, printed = [], set()
            for level, form in (("0", "handles"), ("2", "handles"), ("2", "borrows")):
                output, all_rounds = counts(built[level], name, form, ROUNDS)
                printed.add(output)
                row.append((all_rounds - counts(built[level], name, form, 0)[1]) / ROUNDS)
            wrong += len(printed) != 1
            print(f"| {name} | " + " | ".join(f"{n:g}" for n in row) + " |" +
                  ("" if len(printed) == 1 else " DIFFERENT RESULTS"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Mistakes with guarded blocks of the process's malloc, and programs that make none.

    guard_test.py --library LIBRARY --program GUARD

The programs that make none must print and end as they do without the library, and must see their
environment: the unwinder is not to be loaded while the C library is not initialised.
"""

import argparse
import os
import subprocess
import sys

from python_threads import PYTHON

# What is said of each mistake of guard.c, and whether the process ends by a fault.
MISTAKES = {
    "use": ("byte 3 of what was freed at", True),
    "over": ("0 bytes past the end of the block at", True),
    "under": ("1 bytes before the start of the block at", True),
    "late": ("written past its end: byte 112 of a block of up to 112 bytes", False),
    "twice": ("freed already", False),
    "realloc": ("byte 1 of what was freed at", True),
}
PROGRAM = PYTHON + 'print(ended, os.environ["KEPT"])\n'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    wrong = []

    def run(command, guard):
        env = dict(os.environ, LD_PRELOAD=options.library, CAIRN_GUARD=guard, CAIRN_SYMBOLIZER="0",
                   KEPT="kept")
        return subprocess.run(command, capture_output=True, text=True, env=env, timeout=120)

    for mistake, (said, faults) in MISTAKES.items():
        done = run([options.program, mistake], "1")
        lines = done.stderr.splitlines()
        if not lines or said not in lines[0] or "block of up to 112 bytes" not in lines[1]:
            wrong.append(f"{mistake}: {done.stderr or 'nothing'}")
        elif "made at" not in lines[2]:
            wrong.append(f"{mistake}: not where the block was made: {done.stderr}")
        elif done.returncode != (-11 if faults else -6):
            wrong.append(f"{mistake}: ends with {done.returncode}")
    for guard in ("1", "5", "on", "0"):
        for command, wanted in (([options.program, "none"], ""),
                                ([sys.executable, "-c", PROGRAM], "7 kept\n"),
                                (["bash", "-c", "echo $(echo $KEPT | sort | tr k K)"], "Kept\n")):
            done = run(command, guard)
            if (done.returncode, done.stdout, done.stderr) != (0, wanted, ""):
                wrong.append(f"CAIRN_GUARD={guard} {command[0]}: {done}")
    for line in wrong:
        print(line)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

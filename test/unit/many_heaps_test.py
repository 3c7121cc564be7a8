# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Making, using and destroying a heap takes as many instructions beside 2,000 others as beside 200.

    many_heaps_test.py PROGRAM      many_heaps.c, built

Counted by callgrind; without it the test is skipped (status 77).
"""

import re
import shutil
import subprocess
import sys


def instructions(program: str, heaps: int) -> int:
    run = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, str(heaps)],
                         capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", run.stderr)[1])


def main() -> int:
    if not shutil.which("valgrind"):
        return 77
    program = sys.argv[1]
    start = instructions(program, 0)
    few, many = ((instructions(program, n) - start) / n for n in (200, 2000))
    print(f"instructions a heap: {few:.0f} with 200, {many:.0f} with 2,000")
    return many > few * 1.25


if __name__ == "__main__":
    sys.exit(main())

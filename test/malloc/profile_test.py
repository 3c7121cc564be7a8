# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The heap profile of programs whose malloc is Cairn's.

    profile_test.py --library LIBRARY --program PROFILE

A C program has its places in proportion, with all functions of malloc's family. Programs with threads, and their
children, run as without it, and a profile of theirs can be read.
"""

import argparse
import math
import os
import pathlib
import subprocess
import sys
import tempfile

from python_threads import PYTHON

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "profile"))
import pprof

RATE = 16384
PROGRAM = PYTHON + 'print(ended)\n'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        def run(command, name):
            env = dict(os.environ, LD_PRELOAD=options.library, PYTHONMALLOC="malloc",
                       CAIRN_PROFILE=f"{folder}/{name}-%p.pb:{RATE}")
            done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=240)
            found = sorted(pathlib.Path(folder).glob(f"{name}-*.pb"))
            return done, [pprof.read(path) for path in found]

        done, profiles = run([options.program], "c")
        if done.returncode or len(profiles) != 1:
            wrong.append(f"{done.returncode}, {len(profiles)} profiles: {done.stderr}")
        profile = profiles[0].name()
        # Each place makes so many blocks of so many bytes, and keeps a part of them.
        for line in done.stdout.splitlines():
            place, size, made, live = line.split()
            size, made, live = int(size), int(made), int(live)
            # The library's own thread is started in some allocation, by which the C library allocates once more.
            of = [s for s in profile.samples if place in s.functions() and "pthread_create" not in s.functions()]
            sizes = {s.size for s in of}
            # The class of the size, or with the alignment that it was asked for.
            if not of or min(sizes) < size or max(sizes) > size + size // 4 + 16:
                wrong.append(f"{place}: sizes {sizes}")
            p = 1 - math.exp(-size / RATE)
            for type, n in ("alloc_objects", made), ("inuse_objects", live):
                estimate = sum(s.values[type] for s in of)
                if abs(estimate - n) > 5 * math.sqrt(max(n, 1) * (1 - p) / p) + 10:
                    wrong.append(f"{place}: {type} {estimate}, of {n}")

        done, profiles = run([sys.executable, "-c", PROGRAM], "python")
        if done.returncode or done.stdout.strip() != "7":
            wrong.append(f"Python: {done.returncode} {done.stdout} {done.stderr}")
        if not profiles or max(p.total()["alloc_space"] for p in profiles) < 10 << 20:
            wrong.append(f"Python: {[p.total() for p in profiles]}")
    print("\n".join(wrong) or "passed")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())

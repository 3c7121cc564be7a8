# instructions.py - Instructions of an operation, counted by callgrind.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs each worker's "instructions" under callgrind, whose profiles are its rows."""

import glob
import os
import re
import shutil
import subprocess

from common import fail, heading, progress, row, run

# The row, and the loop that is taken off it.
ROWS = {
    "pair 48": "loop",
    "LIFO 1000": "loop, batch",
    "malloc 48": "loop, store",
    "free": "loop, load",
    "sized free": "loop, load",
    "new+drop": "loop",
    "incref+decref": "loop",
}


def profiles(worker, build, out):
    """Instructions by "row/times"."""
    base = f"{out}/{worker.name}.callgrind"
    # Debian 12's valgrind does not read the debug information of newer clang.
    program = f"{out}/{worker.name}.stripped"
    shutil.copy(worker.command[0], program)
    run([f"{build}/llvm/llvm-strip", "-g", program])
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={base}", program, "instructions"],
        capture_output=True, text=True, env=worker.environment)
    if done.returncode:
        fail(f"valgrind of {worker.name}: {done.stderr}")
    counted = {}
    for path in glob.glob(glob.escape(base) + ".*"):
        with open(path) as profile:
            text = profile.read()
        name = re.search(r"^desc: Trigger: Client Request: (.*)$", text, re.M)
        total = re.search(r"^totals: (\d+)$", text, re.M)
        if name and total:
            counted[name[1]] = int(total[1])
        os.remove(path)
    return counted


def operation(counted, name, steps=10 * 1000):
    """Between 10 batches and 20 only the operations differ."""
    return (counted[f"{name}/2"] - counted[f"{name}/1"]) / steps


def instruction_table(workers, build, out, wanted):
    """Prints the table; the figures by row."""
    names = [name for name in ROWS if wanted(name)]
    # The JIT's code is the inlined one; callgrind would count its compilation.
    workers = [w for w in workers if w.name != "jit"]
    if not names:
        return {}
    if not shutil.which("valgrind") or not os.path.exists("/usr/include/valgrind/callgrind.h"):
        print("\n(no valgrind here: the instructions are not counted)")
        return {}
    counted = {}
    for worker in workers:
        progress(f"instructions of {worker.name}")
        counted[worker.name] = profiles(worker, build, out)
    heading("Instructions of an operation, without the loop's", [w.name for w in workers])
    results = {}
    for name in names:
        results[name] = {n: operation(c, name) - operation(c, ROWS[name])
                         for n, c in counted.items()}
        row(name, [f"{i:.1f}" for i in results[name].values()])
    return results

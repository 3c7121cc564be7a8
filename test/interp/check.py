# check.py - One program of the interpreter in one mode: output, errors, empty heap.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   check.py INTERPRETER PROGRAM.lisp [OPTION...]
#
# The program's output must be PROGRAM.out, to the byte. If there is a PROGRAM.err, its
# lines are what the program says on stderr, # standing for any number, and the exit
# status is 1; else stderr is empty and the exit status 0. A comment `; options: ...`
# in the program gives options of its own. The interpreter itself fails if its heap is
# not empty at the end.

import difflib
import os
import re
import subprocess
import sys


def main():
    interpreter, program, *options = sys.argv[1:]
    text = open(program).read()
    for line in re.findall(r"^; options: (.*)$", text, re.M):
        options = line.split() + options
    run = subprocess.run(
        [interpreter, *options, os.path.basename(program)],
        cwd=os.path.dirname(os.path.abspath(program)),
        capture_output=True,
        timeout=300,
    )
    base = os.path.splitext(program)[0]
    errors = base + ".err"
    wanted = open(base + ".out").read().splitlines()
    got = run.stdout.decode().splitlines()
    problems = list(difflib.unified_diff(wanted, got, "wanted output", "output", lineterm=""))

    wanted = open(errors).read().splitlines() if os.path.exists(errors) else []
    got = run.stderr.decode().splitlines()
    same = len(wanted) == len(got) and all(
        re.fullmatch(re.escape(w).replace(r"\#", r"\d+"), g) or w == g for w, g in zip(wanted, got)
    )
    if not same:
        problems += difflib.unified_diff(wanted, got, "wanted errors", "errors", lineterm="")
    if run.returncode != (1 if wanted else 0):
        problems.append(f"exit status {run.returncode}")
    print("\n".join(problems))
    return 1 if problems else 0


sys.exit(main())

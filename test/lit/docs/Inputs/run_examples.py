#!/usr/bin/env python3
# run_examples.py - Runs the programs in a Markdown page.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   run_examples.py CAIRN PAGE.md DIRECTORY
#
# A block fenced as `c` or `llvm` is a whole program, and the block fenced as `text` that
# follows is what it prints, at -O0 and at -O2, with an empty heap at the end. One fenced as
# `c error` does not build; each line of the text is in the message.

import os
import pathlib
import re
import subprocess
import sys

cairn, page, directory = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
examples = re.findall(r"^```(c|llvm|c error)\n(.*?)^```\n\n```text\n(.*?)^```", page.read_text(), re.M | re.S)
blocks = len(re.findall(r"^```(?:c|llvm|c error)$", page.read_text(), re.M))
directory.mkdir(parents=True, exist_ok=True)
failed = 0
for number, (kind, program, output) in enumerate(examples):
    source = directory / f"{number}.{'ll' if kind == 'llvm' else 'c'}"
    source.write_text(program)
    for level in ("-O0", "-O2"):
        flags = [] if kind == "llvm" else ["-std=c11", "-Wall", "-Wextra", "-Werror"]
        built = subprocess.run([cairn, "build", level, *flags, source, "-o", source.with_suffix("")],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = built.stdout
        if kind == "c error":
            right = built.returncode != 0 and all(line in said for line in output.splitlines())
        else:
            right = built.returncode == 0
            if right:
                run = subprocess.run([source.with_suffix("")], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     text=True, env=dict(os.environ, CAIRN_STATS="json"))
                said = run.stdout + run.stderr
                right = run.returncode == 0 and run.stdout == output and re.search(r'"live_objects": *0,', run.stderr)
        if not right:
            failed += 1
            print(f"example {number} at {level}:\n{program}\nsays:\n{said}\ninstead of:\n{output}")
if not examples or len(examples) != blocks:
    sys.exit(f"{blocks} programs, of which {len(examples)} say what they print")
print(f"{len(examples)} examples, {failed} failures")
sys.exit(1 if failed else 0)

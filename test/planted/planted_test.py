# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which planted mistakes are reported, and whether the message names type and place.

    planted_test.py --cairn DRIVER --source DIRECTORY [--all] [--table]
                    [--python PACKAGES] [--node NODE --npm PACKAGE]

Builds planted.c, managed.c and planted.ll once with --heap=checked and once without, which runs
with CAIRN_CHECK=1, and makes each mistake in both; some of planted.c's also in the JIT.
planted_py.py and planted_js.mjs make theirs in a checked heap, and, for the column CAIRN_CHECK,
Python in one that the variable makes so and JavaScript in one that is not checked, as no variable
reaches it. Without --all, of each group the first and another one are made.
"""

import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile

# What each form has to report of all mistakes: with type and place, and at all.
LEAST_CHECKED, LEAST_PLAIN = 0.95, 0.80


# planted.ll lists none of its own.
IR = [["1", "IR: objects", "count is 0", "cell", "make_cell"],
      ["2", "IR: objects", "count is 0", "cell", "make_cell"],
      ["3", "IR: blocks", "inside a block", "block", "make_block"],
      ["4", "IR: objects", "written past its end", "cell", "make_cell"],
      ["5", "IR: blocks", "freed already", "block", "make_block"],
      ["6", "IR: blocks", "size that the block does not have", "block", "make_block"],
      ["7", "IR: objects", "count is 0", "cell", "make_cell"],
      ["8", "IR: objects", "holds no reference", "cell", "make_cell"],
      ["9", "IR: objects", "not given back", "cell", "make_cell"],
      ["10", "IR: objects", "written past its end", "board", "make_board"]]
# How many of planted.c's mistakes are made in the JIT as well: every so many.
IN_JIT = 16


def build(cairn, source, program, *options):
    subprocess.run([cairn, "build", "-O1", *options, source, "-o", program], check=True)


def listed(program):
    program = program if isinstance(program, list) else [program]
    text = subprocess.run([*program, "list"], capture_output=True, text=True, check=True).stdout
    return [line.split("|") for line in text.splitlines()]


def outcome(command, environment):
    """What is printed, and whether the process was ended by a fault without a word."""
    env = dict(os.environ, CAIRN_LEAKS="error", CAIRN_SYMBOLIZER="0", **environment)
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=env,
                              timeout=60)
    except subprocess.TimeoutExpired:
        return "", True
    return done.stderr, done.returncode < 0 and "cairn:" not in done.stderr


def python_and_js(options, directory, judge):
    """The mistakes that are made from other languages."""
    if options.python:
        command = [sys.executable, os.path.join(options.source, "planted_py.py")]
        paths = {"PYTHONPATH": options.python, "PYTHONDONTWRITEBYTECODE": "1"}
        os.environ.update(paths)
        for item in sample(listed(command), options.all):
            judge(item, command, ["env", "PLANTED_CHECKED=0", *command])
    if options.node and options.npm:
        module = os.path.join(directory, "planted.wasm")
        subprocess.run([options.cairn, "build", os.path.join(options.source, "planted_wasm.c"),
                        "--target=wasm32", "--js=containers", "-o", module], check=True)
        command = [options.node, os.path.join(options.source, "planted_js.mjs"), options.npm, module]
        for item in sample(listed(command), options.all):
            judge(item, command, ["env", "CAIRN_CHECK=0", *command])


def sample(rows, everything):
    seen = collections.Counter()
    for row in rows:
        seen[row[1]] += 1
        if everything or seen[row[1]] in (1, 4):
            yield row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cairn", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--python")
    parser.add_argument("--node")
    parser.add_argument("--npm")
    options = parser.parse_args()
    table = collections.defaultdict(collections.Counter)
    wrong = []

    def judge(item, checked, plain):
        number, group, says, kind, made = item
        row = table[group]
        row["planted"] += 1
        said, silent = outcome([*checked, number], {})
        row["silent"] += silent
        if "cairn:" in said and any(part in said for part in says.split("/")):
            row["reported"] += 1
            if kind in said and re.search(rf"made at ([\w.<>]+\.)?{made}\b", said) or not made:
                row["named"] += 1
            else:
                wrong.append((number, group, kind, made, "not named: " + said))
        else:
            wrong.append((number, group, kind, made, "not reported: " + said))
        said, silent = outcome([*plain, number], {"CAIRN_CHECK": "1"})
        row["silent"] += silent
        row["CAIRN_CHECK"] += "cairn:" in said
        if "cairn:" not in said:
            wrong.append((number, group, kind, made, "CAIRN_CHECK=1: " + said))

    with tempfile.TemporaryDirectory() as directory:
        for name in "planted.c", "managed.c", "planted.ll":
            source = os.path.join(options.source, name)
            checked, plain = (os.path.join(directory, name + form) for form in ("-checked", ""))
            build(options.cairn, source, checked, "--heap=checked")
            build(options.cairn, source, plain)
            rows = IR if name.endswith(".ll") else listed(checked)
            for item in sample(rows, options.all):
                judge(item, [checked], [plain])
            if name == "planted.c":
                run = [options.cairn, "run", "-O1", source]
                for number, group, *rest in rows[::IN_JIT if options.all else 8 * IN_JIT]:
                    judge([number, "JIT: " + group, *rest], [*run, "--heap=checked", "--"],
                          [*run, "--"])
        python_and_js(options, directory, judge)
    columns = ["planted", "reported", "named", "CAIRN_CHECK", "silent"]
    total = collections.Counter()
    for row in table.values():
        total.update(row)
    if options.table:
        for item in wrong:
            print("|".join(item[:4]), item[4].strip().replace("\n", "\n    "))
        print("| mistake |", " | ".join(columns), "|")
        for group, row in [*table.items(), ("all", total)]:
            print("|", group, "|", " | ".join(str(row[c]) for c in columns), "|")
    n = total["planted"]
    sound = (total["named"] >= LEAST_CHECKED * n and total["CAIRN_CHECK"] >= LEAST_PLAIN * n
             and total["silent"] == 0)
    print(f"{n} planted: {total['named']} reported with type and place by --heap=checked, "
          f"{total['CAIRN_CHECK']} by CAIRN_CHECK=1, {total['silent']} silent crashes")
    if not sound and not options.table:
        print("with --table: which were missed")
    sys.exit(not sound)


if __name__ == "__main__":
    main()

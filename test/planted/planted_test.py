# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which planted mistakes are reported, and whether the message names type and place.

    planted_test.py --cairn DRIVER --source DIRECTORY [--all] [--table]

Builds planted.c once with --heap=checked and once without, which runs with CAIRN_CHECK=1, and
makes each mistake in both. Without --all, of each group the first and another one are made.
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


def build(cairn, source, program, *options):
    subprocess.run([cairn, "build", "-O1", *options, source, "-o", program], check=True)


def listed(program):
    text = subprocess.run([program, "list"], capture_output=True, text=True, check=True).stdout
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
    options = parser.parse_args()
    source = os.path.join(options.source, "planted.c")
    table = collections.defaultdict(collections.Counter)
    wrong = []
    with tempfile.TemporaryDirectory() as directory:
        checked, plain = os.path.join(directory, "checked"), os.path.join(directory, "plain")
        build(options.cairn, source, checked, "--heap=checked")
        build(options.cairn, source, plain)
        for number, group, says, kind, made in sample(listed(checked), options.all):
            row = table[group]
            row["planted"] += 1
            said, silent = outcome([checked, number], {})
            if "cairn:" in said and any(part in said for part in says.split("/")):
                row["reported"] += 1
                if kind in said and re.search(rf"made at {made}\b", said) or not made:
                    row["named"] += 1
                else:
                    wrong.append((number, group, kind, made, "not named: " + said))
            else:
                wrong.append((number, group, kind, made, "not reported: " + said))
            row["silent"] += silent
            said, silent = outcome([plain, number], {"CAIRN_CHECK": "1"})
            row["CAIRN_CHECK"] += "cairn:" in said
            row["silent"] += silent
            if "cairn:" not in said:
                wrong.append((number, group, kind, made, "CAIRN_CHECK=1: " + said))
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

#!/usr/bin/env python3
# managed_table.py - The table of managed intrinsics, from the lowering's own.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   managed_table.py Managed.def            prints the table
#   managed_table.py Managed.def PAGE.md    says how the page's table differs

import difflib
import pathlib
import re
import sys

ROW = re.compile(r'^CAIRN_(MANAGED|MANAGED_WITHOUT_C|CONVERSION)\(\w+, "([^"]+)", (?:(\w+), )?"([^"]+)", "([^"]+)"', re.M)
rows = ["| intrinsic | signature | in C | owners |", "|---|---|---|---|"]
for _, name, c, signature, owners in ROW.findall(pathlib.Path(sys.argv[1]).read_text()):
    signature = re.sub(r"\bsize\b", "i64", signature)
    rows.append(f"| `{name}` | `{signature}` | {f'`{c}`' if c else ''} | {owners} |")
if len(sys.argv) == 2:
    print("\n".join(rows))
else:
    page = pathlib.Path(sys.argv[2]).read_text().splitlines()
    found = [line for line in page if re.match(r"\| (`cairn\.|intrinsic \|)", line)]
    wrong = list(difflib.unified_diff(found, [r for r in rows if not r.startswith("|---")], "page", "table", lineterm=""))
    print("\n".join(wrong) if wrong else f"{len(found) - 1} managed intrinsics")
    sys.exit(1 if wrong or len(found) < 2 else 0)

#!/usr/bin/env python3
# paste.py - Puts new tables into docs/benchmarks.md.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Replaces the tables of one program in docs/benchmarks.md by those that it printed.

    tools/bench/run > FILE && tools/bench/paste.py FILE
    tools/bench/limits.py > FILE && tools/bench/paste.py --section limits FILE

A section of the page begins with the line `<!-- tables: NAME -->` and ends with
`<!-- end -->`. Of FILE, headings, tables and their captions are taken, and nothing else.
"""

import argparse
import pathlib
import re
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def tables(text):
    """The headings and tables in a program's output, with one empty line between blocks. A
    line of text before a table is its caption."""
    blocks, caption, last = [], None, ""
    for line in map(str.rstrip, text.splitlines()):
        if line.startswith("### "):
            blocks.append([line])
            caption = None
        elif line.startswith("|"):
            if last.startswith("|"):
                blocks[-1].append(line)
            else:
                blocks += [[caption + ":"]] if caption else []
                blocks.append([line])
            caption = None
        elif line:
            caption = None if line.startswith("==") else line.rstrip(":")
        last = line
    return "\n\n".join("\n".join(block) for block in blocks)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--section", default="run")
    parser.add_argument("--page", type=pathlib.Path, default=PAGE)
    parser.add_argument("file", type=pathlib.Path)
    arguments = parser.parse_args()
    new = tables(arguments.file.read_text())
    if "|" not in new:
        sys.exit(f"{arguments.file}: no table in it")
    page, count = re.subn(
        rf"(<!-- tables: {re.escape(arguments.section)} -->\n).*?(<!-- end -->)",
        lambda m: f"{m[1]}\n{new}\n\n{m[2]}", arguments.page.read_text(), flags=re.S)
    if count != 1:
        sys.exit(f"{arguments.page}: {count} sections named {arguments.section}, wanted one")
    arguments.page.write_text(page)


if __name__ == "__main__":
    main()

# files.py - Whether the files in the tables of a page are there, and none is missing.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   files.py ROOT PAGE.md [--every FOLDER...] [--or PASSES.md]
#
# --every: each .c and .cpp below these folders of ROOT has a row. A pass may be named in a
# section of PASSES.md instead, by its path as code.

import argparse
import pathlib
import re
import sys

parser = argparse.ArgumentParser()
parser.add_argument("root", type=pathlib.Path)
parser.add_argument("page", type=pathlib.Path)
parser.add_argument("--every", nargs="+", default=[])
parser.add_argument("--or", dest="passes", type=pathlib.Path)
options = parser.parse_args()

files = re.findall(r"^\| `([\w./-]+)` \|", options.page.read_text(encoding="utf-8"), re.M)
faults = [f"{f} is not there" for f in files if not (options.root / f).exists()]
if not files:
    faults.append("no files")
named = set(files)
if options.passes:
    named.update(re.findall(r"`([\w./-]+)`", options.passes.read_text(encoding="utf-8")))
for folder in options.every:
    sources = [p for p in (options.root / folder).rglob("*") if p.suffix in (".c", ".cpp")]
    if not sources:
        faults.append(f"{folder} has no source files")
    for source in sorted(p.relative_to(options.root).as_posix() for p in sources):
        if source not in named:
            faults.append(f"{source} has no row in {options.page.name}")
if faults:
    sys.exit("\n".join(faults))
print(len(files), "files")

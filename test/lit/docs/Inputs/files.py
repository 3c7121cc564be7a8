# files.py - Whether the files in the tables of a page are there.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   files.py ROOT PAGE.md

import pathlib
import re
import sys

root, page = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
files = re.findall(r"^\| `([\w./-]+)` \|", page.read_text(), re.M)
if not (root / "lowering" / "expand").exists():  # before the passes had rooms of their own
    files = [f for f in files if not f.startswith("lowering/")]
gone = [f"{f} is not there" for f in files if not (root / f).exists()]
if not files:
    gone.append("no files")
if gone:
    sys.exit("\n".join(gone))
print(len(files), "files")

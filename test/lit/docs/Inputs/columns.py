# columns.py - The lines of documents that are too long.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   columns.py ROOT

import os
import sys

LIMIT = 120
long, seen = [], 0
for folder, folders, files in os.walk(sys.argv[1]):
    folders[:] = sorted(f for f in folders if not f.startswith((".", "build")) and f != "node_modules")
    for name in sorted(files):
        if not name.endswith(".md"):
            continue
        seen += 1
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                columns = len(line.rstrip("\n"))
                if columns >= LIMIT:
                    long.append(f"{os.path.relpath(path, sys.argv[1])}:{number}: {columns} columns")
if not seen:
    long.append("no documents")
sys.exit("\n".join(long) or None)

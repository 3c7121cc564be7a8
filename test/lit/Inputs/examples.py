#!/usr/bin/env python3
# examples.py - Takes the IR examples out of a Markdown page.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   examples.py PAGE.md DIRECTORY
#
# Writes each block fenced as `llvm` to DIRECTORY/N.ll, with the page's first block, which
# says what the others have in common, before it. Fails if there is no example, or one
# without a line on what it becomes.

import pathlib
import re
import sys

page, directory = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
common, *examples = re.findall(r"^```llvm\n(.*?)^```", page.read_text(), re.M | re.S)
directory.mkdir(parents=True)
for number, example in enumerate(examples):
    if "; becomes:" not in example:
        sys.exit(f"nothing is said of what this becomes:\n{example}")
    (directory / f"{number}.ll").write_text(common + example)
if not examples:
    sys.exit("no examples")
print(len(examples))

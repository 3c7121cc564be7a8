#!/usr/bin/env python3
# frontend_page.py - The code that a page shows is in the files that it speaks of.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   frontend_page.py PAGE.md FRONTEND-DIRECTORY OUTPUT-DIRECTORY
#
# Blocks fenced as python or llvm are in finch.py or prelude.ll. The one fenced as finch is
# written to OUTPUT-DIRECTORY/page.finch, and the text after it, its output, to page.out.

import pathlib
import re
import sys

page, frontend, out = (pathlib.Path(p) for p in sys.argv[1:])
text = page.read_text()
sources = {"python": (frontend / "finch.py").read_text(), "llvm": (frontend / "prelude.ll").read_text()}
excerpts = re.findall(r"^```(python|llvm)\n(.*?)^```", text, re.M | re.S)
for language, excerpt in excerpts:
    if excerpt not in sources[language]:
        sys.exit(f"this is not in the frontend:\n{excerpt}")
program, output = re.search(r"^```finch\n(.*?)^```\n\n```text\n(.*?)^```", text, re.M | re.S).groups()
(out / "page.finch").write_text(program)
(out / "page.out").write_text(output)
lines = sources["python"].count("\n")
print(f"{len(excerpts)} excerpts, {lines} lines")
sys.exit(0 if excerpts and lines < 400 else 1)

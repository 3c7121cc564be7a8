#!/usr/bin/env python3
"""corpus.py - Makes the corpus of the fuzz targets that take IR, from the lit tests.

Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

    corpus.py (ir | bitcode) --as LLVM-AS --to DIRECTORY SOURCE...

Of each test in the sources (directories) that is short, `ir` takes the text without its
comments, and `bitcode` what llvm-as makes of it, if it does. Made anew where a source is
newer.
"""

import argparse
import hashlib
import pathlib
import re
import subprocess

MOST = 6000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("form", choices=("ir", "bitcode"))
    parser.add_argument("--as", dest="assembler", required=True)
    parser.add_argument("--to", type=pathlib.Path, required=True)
    parser.add_argument("sources", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    wanted = set()
    for source in sorted(path for at in options.sources for path in at.rglob("*.ll")):
        text = re.sub(r"^;.*\n|[ \t]+;.*$", "", source.read_text(errors="replace"), flags=re.M)
        if len(text) > MOST:
            continue
        made = options.to / hashlib.sha1(text.encode()).hexdigest()[:16]
        wanted.add(made.name)
        if made.exists():
            continue
        if options.form == "ir":
            made.write_text(text)
        elif subprocess.run([options.assembler, "-o", str(made)], input=text.encode(),
                            stderr=subprocess.DEVNULL).returncode:
            made.write_bytes(b"")
    for path in options.to.iterdir():
        if path.name not in wanted:
            path.unlink()


main()

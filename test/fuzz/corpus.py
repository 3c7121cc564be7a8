#!/usr/bin/env python3
"""corpus.py - Makes the corpus of a fuzz target from text.

Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

    corpus.py (ir | bitcode | hex) [--as LLVM-AS] --to DIRECTORY [--list FILE] SOURCE...

Of each lit test in the sources (directories) that is short, `ir` takes the text without its
comments, and `bitcode` what llvm-as makes of it, if it does. `hex` takes each line of a file
as the bytes of one input. What is there already is not made again. `--list` writes the names of
all inputs to a file, as libFuzzer's -seed_inputs=@FILE reads them: an input that a directory has
is one to which libFuzzer adds what it finds.
"""

import argparse
import hashlib
import pathlib
import re
import subprocess

MOST = 6000


def texts(form, sources):
    if form == "hex":
        for source in sources:
            yield from (line for line in source.read_text().splitlines() if line[:1] != "#")
        return
    for source in sorted(path for at in sources for path in at.rglob("*.ll")):
        text = re.sub(r"^;.*\n|[ \t]+;.*$", "", source.read_text(errors="replace"), flags=re.M)
        if len(text) <= MOST:
            yield text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("form", choices=("ir", "bitcode", "hex"))
    parser.add_argument("--as", dest="assembler")
    parser.add_argument("--to", type=pathlib.Path, required=True)
    parser.add_argument("--list", type=pathlib.Path)
    parser.add_argument("sources", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    wanted = set()
    for text in texts(options.form, options.sources):
        made = options.to / hashlib.sha1(text.encode()).hexdigest()[:16]
        wanted.add(made.name)
        if made.exists():
            continue
        if options.form == "hex":
            made.write_bytes(bytes.fromhex(text))
        elif options.form == "ir":
            made.write_text(text)
        elif subprocess.run([options.assembler, "-o", str(made)], input=text.encode(),
                            stderr=subprocess.DEVNULL).returncode:
            made.write_bytes(b"")
    for path in options.to.iterdir():
        if path.name not in wanted:
            path.unlink()
    if options.list:
        options.list.write_text(",".join(str(options.to.resolve() / name) for name in sorted(wanted)))


main()

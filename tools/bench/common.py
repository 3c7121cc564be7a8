# common.py - What the tables share.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Messages, commands and tables."""

import subprocess
import sys


def fail(message):
    sys.exit(f"error: {message}")


def run(command, **options):
    """The command's output; ends the program if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        fail(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def progress(text):
    """One line that changes, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def heading(title, columns):
    captioned(f"### {title}", columns)


def captioned(title, columns):
    progress("")
    print(f"\n{title}\n")
    print("| | " + " | ".join(columns) + " |")
    print("|---|" + "---|" * len(columns))


def row(name, cells):
    progress("")
    print(f"| {name} | {' | '.join(cells)} |", flush=True)

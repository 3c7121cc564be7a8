# run_page.py - Follows a page: writes its programs, runs its commands, compares what they print.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   run_page.py PAGE.md DIRECTORY CAIRN
#
# A block of code after a line "`name`:" is that file. In a block of the console, what follows
# "$ " is a command, which goes on after a line that ends in a backslash, and the lines after it
# are what it prints, on either stream. Addresses, processes and offsets may differ, and lines come
# as on a terminal; a line "..." stands for any lines, and one that ends in "..." for any end.

import os
import re
import subprocess
import sys

page, place = open(sys.argv[1]).read(), sys.argv[2]
os.environ["PATH"] = os.path.dirname(sys.argv[3]) + os.pathsep + os.environ["PATH"]


def plain(text):
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    return re.sub(r"\b(process|offset|size) \d+", r"\1 N", text)


def pattern(lines):
    parts = []
    for line in lines:
        if line == "...":
            parts.append(r"(?:.*\n)*?")
        elif line.endswith("..."):
            parts.append(re.escape(plain(line[:-3])) + ".*\n")
        else:
            parts.append(re.escape(plain(line)) + "\n")
    return "".join(parts)


for name, text in re.findall(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```$", page, re.M | re.S):
    with open(os.path.join(place, name), "w") as file:
        file.write(text)
ran = 0
for block in re.findall(r"^```console\n(.*?)^```$", page, re.M | re.S):
    for command, printed in re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
        if command.startswith("gdb ") and subprocess.run(["which", "gdb"], stdout=subprocess.DEVNULL).returncode:
            print("not run without gdb:", command, file=sys.stderr)
            continue
        got = subprocess.run(["stdbuf", "-oL", "bash", "-c", command], cwd=place, text=True, timeout=600,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
        ran += 1
        if not re.fullmatch(pattern(printed.splitlines()), plain(got)):
            sys.exit(f"{command}\nprints\n{got}\nand not\n{printed}")
print(ran, "commands")

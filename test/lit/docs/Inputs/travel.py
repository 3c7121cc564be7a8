# travel.py - Whether the functions that a page names are where it says.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   travel.py ROOT PAGE.md
#
# A hop is "`function` in `path`"; a line may end anywhere in it.

import pathlib
import re
import sys

root, page = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
HOP = re.compile(r"`([\w:]+)`\s+in\s+`([\w./-]+\.(?:cpp|c|h))`")
# What a line with a call, not a definition, begins with.
STATEMENT = re.compile(r"\s*(?:if|while|for|return|else|switch|\}|[\w.]+\()")


def defined(name, text):
    """A definition is the name, its parameters, and a brace before any semicolon."""
    for found in re.finditer(rf"(?<![\w:.>]){re.escape(name)}\s*\(", text):
        line = text[text.rfind("\n", 0, found.start()) + 1:found.start()]
        depth, at = 1, found.end()
        while depth and at < len(text):
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        rest = text[at:]
        opens = re.match(r"(?:\s|const|noexcept|override|:[^;{]*)*\{", rest)
        if opens and line.strip() and not STATEMENT.match(line):
            return True
    return False


errors, hops = [], HOP.findall(page.read_text())
for name, path in hops:
    if path.startswith("lowering/") and not (root / "lowering" / "expand").exists():
        continue  # before the passes had rooms of their own
    file = root / path
    if not file.exists():
        errors.append(f"{path} is not there")
        continue
    text = file.read_text()
    # In the file, a member of a namespace or class may be written with less of its name.
    if not any(defined(n, text) for n in {name, name.split("::")[-1], "cairn::" + name}):
        errors.append(f"{name} is not defined in {path}")
if not hops:
    errors.append("no hops")
if errors:
    sys.exit("\n".join(errors))
print(len(hops), "hops")

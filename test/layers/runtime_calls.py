#!/usr/bin/env python3
# runtime_calls.py TABLE NM WHAT... - Calls between the runtime's rooms, and their prototypes.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# TABLE is runtime.layers. Each WHAT is a directory with the objects of one build of the
# runtime: an object file lies there as its source lies in runtime/, bitcode is named
# <room>-<file>.cpp.bc. NM reads both. Looked for, in every build:
#
#   - a symbol that a higher room defines and a lower one uses. What runtime/heap/above.h
#     declares may be called upwards, and what the lower room defines weakly; nothing else.
#
# and in the sources:
#
#   - a .cpp file that declares, at the top level, a function or variable which another file
#     defines. Such a declaration belongs into a header, which both include.
#
# Prints each fault, and exits with 1 if there is one.

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Where there are no headers of the system: names of the C library, by file.
SYSTEM = {"runtime/platform/wasi.cpp": {"atexit", "getenv", "write", "abort"},
          "runtime/wasm/malloc.cpp": {"errno"}}


def read_table(path):
    """Rooms by path, and what each room may use."""
    rooms, uses = {}, {}
    for line in path.read_text().splitlines():
        words = line.split("#")[0].split()
        if words[:1] == ["room"]:
            rooms[words[2]] = words[1]
            uses.setdefault(words[1], {words[1]}).update(words[3:])
    return rooms, uses


def without_comments(text):
    keep_lines = lambda match: re.sub(r"[^\n]", "", match.group())
    return re.sub(r"/\*.*?\*/", keep_lines, re.sub(r"//[^\n]*", "", text), flags=re.S)


def declared_above():
    text = without_comments((ROOT / "runtime/heap/above.h").read_text())
    return set(re.findall(r"(\w+)\([^()]*\);", text))


def sources(directory):
    """(source, object) for each object of a build."""
    for path in sorted(directory.rglob("*.o")):
        yield "runtime/" + str(path.relative_to(directory))[:-2], path
    for path in sorted(directory.glob("*.cpp.bc")):
        room, name = path.name[:-3].split("-", 1)
        yield f"runtime/{room}/{name}", path


def calls(directory, nm, rooms, uses):
    def room_of(source):
        return rooms[max((p for p in rooms if source == p or source.startswith(p + "/")),
                         key=len)]
    defined, used, weak = {}, [], set()
    for source, path in sources(directory):
        if not (ROOT / source).exists():
            continue  # an old build's
        listing = subprocess.run([nm, "-C", "-P", path], check=True, capture_output=True,
                                 text=True).stdout
        for line in listing.splitlines():
            match = re.match(r"(.*) ([A-Za-z])(?: |$)", line)
            if not match:
                continue
            symbol, kind = match.groups()
            if kind == "U":
                used.append((source, symbol))
            elif kind in "TDBRC":
                defined[symbol] = source
            elif kind in "WV" and room_of(source) == "heap":
                weak.add(symbol)
    if not used:
        yield f"{directory}: no objects of the runtime here"
    hooks = declared_above()
    seen = set()
    for source, symbol in used:
        owner = defined.get(symbol)
        if not owner or symbol in weak or room_of(owner) in uses[room_of(source)]:
            continue
        name = re.sub(r"\(.*", "", symbol).replace("cairn::", "")
        if name in hooks:
            seen.add(name)
            continue
        yield (f"{source}: '{room_of(source)}' uses '{symbol}', which {owner} of "
               f"'{room_of(owner)}' defines")
    if not seen:
        yield f"{directory}: the heap calls nothing of above.h: it is not looked at rightly"


DECLARATION = re.compile(
    r'^(?:extern )?(?:"C" )?(?:\[\[\w+\]\] )?(?!return\b|using\b|typedef\b|namespace\b|struct\b|'
    r'class\b|enum\b|static_assert\b|static\b|constexpr\b|#|\})[A-Za-z_][\w:<>*& ]*?[\s*&]'
    r'(\w+)(?:\([^;{}]*\)[^;{}=]*|\[?\]?);', re.M)


def foreign_declarations():
    for path in sorted((ROOT / "runtime").rglob("*.cpp")):
        source = str(path.relative_to(ROOT))
        text = without_comments(path.read_text())
        for match in DECLARATION.finditer(text):
            name, whole = match.group(1), match.group()
            variable = "(" not in whole
            if name in SYSTEM.get(source, ()) or (variable and not whole.startswith("extern")):
                continue
            definition = (rf"^(?!extern)[^\n;]*\b{name}\b[^;()]*[={{;]" if variable
                          else rf"\b{name}\s*\([^;{{}}]*\)[^;{{}}]*\{{")
            if not re.search(definition, text.replace(whole, ""), re.M):
                line = text.count("\n", 0, match.start()) + 1
                yield (f"{source}:{line}: declares '{name}', which it does not define: include "
                       "the header that does")


def main():
    table, nm, *builds = sys.argv[1:]
    rooms, uses = read_table(pathlib.Path(table))
    faults = list(foreign_declarations())
    for build in builds:
        faults += calls(pathlib.Path(build), nm, rooms, uses)
    print("\n".join(faults) or "no call upwards, no declaration of another file's")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())

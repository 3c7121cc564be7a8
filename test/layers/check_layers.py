#!/usr/bin/env python3
# check_layers.py TABLE [--objects DIR] [--root DIR] - No room includes or calls a higher one.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# TABLE has one entry a line; `#` begins a comment. Paths are relative to the source tree.
#
#   tree DIR...             Every source file below must be in a room.
#   search DIR...           Where includes are looked for, after the file's own directory.
#   room NAME PATH [OTHER...]
#                           PATH is a directory or a file; of several that fit, the longest
#                           counts. A room may include, and call, itself and the OTHERs.
#
# Includes that are found in no room (the system's, LLVM's) are not looked at. With
# --objects, the object files below DIR, which lie there as their sources lie in the tree
# (as CMake puts them), are also read: a symbol that one room defines and another uses is a
# call or an access, whether a header declared it or not.
#
# Prints each fault with file and line, and exits with 1 if there is one.

import argparse
import os
import re
import subprocess
import sys

SOURCE = (".h", ".c", ".cpp", ".def", ".inc", ".hpp")
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]')


class Layers:
    def __init__(self, table, root):
        self.root = root
        self.trees, self.search, self.rooms, self.uses = [], [], {}, {}
        for number, line in enumerate(open(table, encoding="utf-8"), 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            if words[0] == "tree" and len(words) > 1:
                self.trees += words[1:]
            elif words[0] == "search" and len(words) > 1:
                self.search += words[1:]
            elif words[0] == "room" and len(words) > 2:
                name, path = words[1:3]
                if not os.path.exists(os.path.join(root, path)):
                    sys.exit(f"{table}:{number}: there is no '{path}'")
                self.rooms[path] = name
                self.uses.setdefault(name, set()).update(words[3:] + [name])
            else:
                sys.exit(f"{table}:{number}: neither tree, search nor room, or too few words")
        for name, others in self.uses.items():
            for other in others - set(self.uses):
                sys.exit(f"{table}: room '{name}' uses '{other}', which is no room")

    def room_of(self, path):
        fits = [p for p in self.rooms if path == p or path.startswith(p + "/")]
        return self.rooms[max(fits, key=len)] if fits else None

    def files(self):
        for tree in self.trees:
            for folder, _, names in os.walk(os.path.join(self.root, tree)):
                for name in sorted(names):
                    if name.endswith(SOURCE):
                        yield os.path.relpath(os.path.join(folder, name), self.root)

    def resolve(self, path, spelled):
        for folder in [os.path.dirname(path)] + self.search:
            found = os.path.normpath(os.path.join(folder, spelled))
            if os.path.isfile(os.path.join(self.root, found)):
                return found
        return None

    def includes(self):
        for path in self.files():
            room = self.room_of(path)
            if not room:
                yield f"{path}:1: in no room of the table"
                continue
            with open(os.path.join(self.root, path), encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    match = INCLUDE.match(line)
                    found = match and self.resolve(path, match[1])
                    other = found and self.room_of(found)
                    if other and other not in self.uses[room]:
                        yield (f"{path}:{number}: '{room}' includes '{match[1]}' of '{other}'; "
                               f"it may include {', '.join(sorted(self.uses[room]))}")

    def symbols(self, objects):
        """(source, defined, undefined) of each object whose source is in a room."""
        for folder, _, names in os.walk(objects):
            for name in sorted(names):
                if not name.endswith(".o"):
                    continue
                path = os.path.join(folder, name)
                relative = os.path.relpath(path, objects)[:-2]
                sources = [os.path.join(t, relative) for t in self.trees]
                source = next((s for s in sources if self.room_of(s)
                               and os.path.isfile(os.path.join(self.root, s))), None)
                if not source:
                    continue
                defined, undefined = set(), set()
                listing = subprocess.run(["nm", "-P", path], check=True, capture_output=True,
                                         text=True).stdout
                for line in listing.splitlines():
                    symbol, kind = line.split()[:2]
                    if kind == "U":
                        undefined.add(symbol)
                    elif kind in "TDBRC":  # not what every object that needs it has a copy of
                        defined.add(symbol)
                yield source, defined, undefined

    def calls(self, objects):
        table = list(self.symbols(objects))
        if not table:
            yield f"{objects}: no objects of the sources here"
        owner = {symbol: source for source, defined, _ in table for symbol in defined}
        for source, _, undefined in table:
            room = self.room_of(source)
            for symbol in sorted(undefined & set(owner)):
                other = self.room_of(owner[symbol])
                if other not in self.uses[room]:
                    yield (f"{source}:1: '{room}' uses '{symbol}', which {owner[symbol]} of "
                           f"'{other}' defines")


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    parser.add_argument("--objects")
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(here)))
    arguments = parser.parse_args()
    layers = Layers(arguments.table, arguments.root)
    faults = list(layers.includes())
    if arguments.objects:
        faults += layers.calls(arguments.objects)
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

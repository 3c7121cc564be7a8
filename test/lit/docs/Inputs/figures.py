# figures.py - The numbers that documents share with tests and code.
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#   figures.py ROOT [ROWS]
#
# A row is a document, a pattern with one group, a source, a pattern with one group, and
# perhaps what the source's number is to be multiplied by. Where a pattern matches more than
# once, all its numbers must agree. A number is written with or without commas, as a word up
# to twelve, as a shift in C, or as the pattern of a FileCheck budget, "([1-9]|1[0-6])$",
# which is the largest number that it matches. ROWS is a file with other rows, for tests.

import ast
import pathlib
import re
import sys

BUDGETS = "test/lit/expand/fast-path-x86-64.ll"
ABI = "runtime/include/cairn/abi.h"
WAIT = "runtime/heap/quarantine.h"
ROWS = [
    ("docs/benchmarks.md", r"\| allocation of a constant size.*\| (\d+) \|$",
     BUDGETS, r"MALLOC: malloc: \{\{(.*?)\}\}"),
    ("docs/benchmarks.md", r"\| allocation of a constant size.*\| (\d+) \|$",
     BUDGETS, r"ALLOC: alloc: \{\{(.*?)\}\}"),
    ("docs/benchmarks.md", r"\| free of a local block \|.*\| (\d+) \|$",
     BUDGETS, r"UNSIZED: free: \{\{(.*?)\}\}"),
    ("docs/benchmarks.md", r"\| sized free of a local block \|.*\| (\d+) \|$",
     BUDGETS, r"FREE: free_sized: \{\{(.*?)\}\}"),
    ("docs/benchmarks.md", r"\| incref, known non-null \|.*\| (\d+) \|$",
     BUDGETS, r"INCREF: incref: \{\{(.*?)\}\}"),
    ("docs/benchmarks.md", r"\| decref with a count over 1.*\| (\d+) \|$",
     BUDGETS, r"DECREF: decref: \{\{(.*?)\}\}"),
    ("docs/benchmarks.md", r"is one of\s+the (\d+)",
     BUDGETS, r"UNSIZED: free: \{\{(.*?)\}\}"),
    ("docs/benchmarks.md", r"\| free \| (\d+)\.0",
     BUDGETS, r"UNSIZED: free: \{\{(.*?)\}\}"),
    ("docs/travel.md", r"at most (\d+) instructions on\s+x86-64",
     BUDGETS, r"MALLOC: malloc: \{\{(.*?)\}\}"),
    ("docs/decisions/0002-objects.md", r"Each takes (\w+) instructions",
     BUDGETS, r"INCREF: incref: \{\{(.*?)\}\}"),
    ("docs/decisions/0020-slab-owner.md", r"A free takes (\d+)\s+instructions",
     BUDGETS, r"UNSIZED: free: \{\{(.*?)\}\}"),
    ("docs/benchmarks.md", r"adds at most ([\d,]+) bytes to a module",
     "test/lit/driver/wasm-size.test", r"a - b > .*else (\d+)"),
    ("docs/benchmarks.md", r"Wanted: at most ([\d,]+)\.$",
     "test/lit/driver/wasm-size.test", r"a - b > .*else (\d+)"),
    ("docs/wasm.md", r"adds\s+at\s+most\s+([\d,]+)\s+bytes",
     "test/lit/driver/wasm-size.test", r"a - b > .*else (\d+)"),
    ("docs/decisions/0005-wasm.md", r"The promise is ([\d,]+) bytes",
     "test/lit/driver/wasm-size.test", r"a - b > .*else (\d+)"),
    ("docs/decisions/0010-wasm-chunks.md", r"The promise is ([\d,]+)",
     "test/lit/driver/wasm-size.test", r"a - b > .*else (\d+)"),
    ("docs/decisions/0005-wasm.md", r"What is wanted is\s+([\d,]+) bytes",
     "test/lit/driver/wasm-size.test", r"([\d,]+) bytes at most"),
    ("docs/benchmarks.md", r"stack of (\d+) KiB",
     "test/unit/drop_test.cpp", r"kSmallStack = (\d+) << 10"),
    ("docs/malloc.md", r"(\d+)% or more of the limit",
     "test/malloc/limits_test.py", r"assertGreaterEqual\(total, 0\.(\d) \* limit ", 10),
    ("CONTRIBUTING.md", r"one of (\d+) slot sizes",
     ABI, r"kClasses = (\d+);"),
    ("docs/decisions/0001-heap.md", r"one of (\d+) slot sizes",
     ABI, r"kClasses = (\d+);"),
    ("runtime/include/cairn.h", r"CAIRN_CLASSES (\d+)",
     ABI, r"kClasses = (\d+);"),
    ("CONTRIBUTING.md", r"16 to ([\d,]+) bytes \|",
     ABI, r"kMaxSmall = (\d+);"),
    ("docs/travel.md", r"up to ([\d,]+) bytes \|",
     ABI, r"kMaxSmall = (\d+);"),
    ("docs/bad-input.md", r"slots \(of up to ([\d,]+) bytes\)",
     ABI, r"kMaxSmall = (\d+);"),
    ("docs/malloc.md", r"(\d+) KiB of small ones",
     "runtime/heap/checked.cpp", r"kUsual = uint64_t\((\d+)\) << 10"),
    ("docs/bad-input.md", r"until (\d+) KiB more were freed",
     "runtime/heap/checked.cpp", r"kUsual = uint64_t\((\d+)\) << 10"),
    ("docs/bad-input.md", r"up to 1 MiB in the same way, until (\d+) MiB",
     WAIT, r"kLargeBytesHeldBack = uint64_t\((\d+)\) << 20"),
    ("docs/decisions/0009-misuse.md", r"1 MiB each, (\d+) MiB together",
     WAIT, r"kLargeBytesHeldBack = uint64_t\((\d+)\) << 20"),
    ("docs/malloc.md", r"free for (\d+) ms to 800 ms",
     "runtime/heap/purger.cpp", r"kDelay = (\d+);"),
    ("docs/embedding.md", r"free for (\d+) ms to 800 ms",
     "runtime/heap/purger.cpp", r"kDelay = (\d+);"),
    ("docs/decisions/0024-giving-memory-back.md", r"every (\d+) ms",
     "runtime/heap/purger.cpp", r"kDelay = (\d+);"),
    ("docs/malloc.md", r"slow path (\d+) times",
     "runtime/heap/reclaim.cpp", r"kFirstRest = (\d+),"),
    ("docs/decisions/0013-threads-that-wait.md", r"up\s+to\s+([\d,]+)\.\s+Then",
     "runtime/heap/reclaim.cpp", r"kMostRest = (1 << \d+);"),
    ("docs/decisions/0021-stacks-of-slots.md", r"Nothing filled the stack for (\d+) slow",
     "runtime/heap/heap.h", r"kLookAt = (\d+);"),
    ("docs/decisions/0021-stacks-of-slots.md", r"- (\d+) slabs were freed into",
     "runtime/heap/free.cpp", r"kDrainAt = (\d+);"),
    ("docs/decisions/0025-small-heaps.md", r"Heaps under (\d+) MiB",
     "runtime/heap/heap.cpp", r"kCoarseBelow = size_t\((\d+)\) << 20"),
    ("docs/decisions/0009-misuse.md", r"among (\d+) entries",
     ABI, r"kLookups = (\d+);"),
    ("docs/wasm.md", r"past word 15\): ([\d,]+) at most",
     "runtime/object/descriptor.cpp", r"kMaxRegistered : (1u << 12);"),
    ("docs/wasm.md", r"The stack has (\d+) KiB",
     "tools/driver/wasm.cpp", r"stack-size=(262144)", 1 / 1024),
    ("docs/embedding.md", r"functions called (\d+) times",
     "tools/interp/Interpreter.h", r"Threshold = (\d+);"),
]

WORDS = "none one two three four five six seven eight nine ten eleven twelve".split()


def number(text):
    """The value of a number as a document, a test or C writes it."""
    text = text.strip()
    if text in WORDS:
        return WORDS.index(text)
    if re.fullmatch(r"[\d,]+", text):
        return int(text.replace(",", ""))
    if shifted := re.fullmatch(r"(\d+)u? << (\d+)", text):
        return int(shifted[1]) << int(shifted[2])
    budget = re.compile(text.rstrip("$"))
    return max(n for n in range(200) if budget.fullmatch(str(n)))


def found(root, path, pattern, factor=1):
    """All values of the pattern's group in a file."""
    file = root / path
    if not file.exists() and not (root / "lowering" / "expand").exists():
        file = root / path.replace("/expand/", "/lower/")  # before the passes had rooms
    return {number(match[1]) * factor for match in re.finditer(pattern, file.read_text(), re.M)}


def main():
    root = pathlib.Path(sys.argv[1])
    rows = ast.literal_eval(pathlib.Path(sys.argv[2]).read_text()) if len(sys.argv) > 2 else ROWS
    errors = []
    for document, inner, source, outer, *factor in rows:
        said, meant = found(root, document, inner), found(root, source, outer, *factor)
        if not said:
            errors.append(f"{document} has no /{inner}/")
        if not meant:
            errors.append(f"{source} has no /{outer}/")
        if said and meant and not said == meant or len(said) > 1:
            errors.append(f"{document} says {', '.join(map(str, sorted(said)))}, "
                          f"{source} says {', '.join(map(str, sorted(meant)))}: /{inner}/")
    if errors:
        sys.exit("\n".join(errors))
    print(len(rows), "figures")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# ===- benchmarks.py - The benchmarks of managed references give the right result === #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Runs the programs of tools/bench/managed and compares them with the file `expected` there.

    benchmarks.py --build BUILD [--forms REGEX | --all] [PROGRAM...]
    benchmarks.py --build BUILD --full [--forms REGEX] [PROGRAM...]

At the small size each allocation looks at how many objects are live; the most may not be over
what exact.c finds, which has counts written by hand. --full runs the full size, without looks,
and prints a table with times and memory.
"""

import argparse
import os
import pathlib
import re
import resource
import sys
import tempfile
import time

import forms

PROGRAMS = pathlib.Path(__file__).resolve().parents[4] / "tools" / "bench" / "managed"
FULL = "O[0-3]|jit-O[0-3]"
EVERY = "O0|O2-checked|O3|jit-O1|wasm-O2|aarch64-O2"
ALL = r"(O[0-3sz]|jit-O[0-3]|wasm-O[02z]|aarch64-O[02]|O2-(checked|static|thin|full|asan)|O1-tsan)"


def expected() -> dict[str, list[tuple[str, str]]]:
    """By program: sizes and what they print, the small one first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in (PROGRAMS / "expected").read_text().splitlines():
        name, size, output = line.split(" ", 2)
        found.setdefault(name, []).append((size, output.replace("|", "\n") + "\n"))
    return found


def command_of(cairn: str, name: str, form: str, flags: list[str], where: pathlib.Path) -> list[str]:
    flags = [*forms.FORMS[form], "-std=c11", "-Wall", "-Wextra", "-Werror", *flags, str(PROGRAMS / f"{name}.c")]
    if form.startswith("jit"):
        return [cairn, "run", *flags, "--"]
    out = where / f"{name}-{form}"
    built = forms.execute([cairn, "build", *flags, "-o", str(out)])
    if built.returncode:
        raise RuntimeError(f"{name} {form} does not build:\n{built.stdout}")
    if form.startswith("wasm"):
        return ["node", "--no-warnings", str(forms.WASI), str(out)]
    return [*forms.AARCH64, str(out)] if form.startswith("aarch64") else [str(out)]


def small(cairn: str, name: str, form: str, size: str, wanted: str, most: int, where: pathlib.Path) -> str:
    command = command_of(cairn, name, form, ["-DPEAK"], where)
    done = forms.execute([*command, size], form.endswith("-checked"))
    peak = re.search(r"^peak (\d+)\n", done.stdout, re.M)
    printed = re.sub(r"^peak \d+\n", "", done.stdout, flags=re.M)
    if done.returncode or printed != wanted or not peak:
        return f"status {done.returncode}, prints\n{done.stdout}instead of\n{wanted}"
    if int(peak.group(1)) > most:
        return f"{peak.group(1)} objects live at most, {most} by exact counting"
    return ""


def full(cairn: str, name: str, form: str, size: str, wanted: str, where: pathlib.Path) -> str:
    command = command_of(cairn, name, form, [], where)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = forms.execute(["bash", "-c", 'ulimit -s 4194304; exec "$@"', "-", *command, size])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    right = done.returncode == 0 and done.stdout == wanted
    print(f"| {name} {size} | {form} | {'right' if right else 'WRONG'} | {seconds:.2f} s |", flush=True)
    return "" if right else f"status {done.returncode} after {time.monotonic() - start:.0f} s: {done.stdout[:300]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--forms", help="a regular expression")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--clang", default="clang", help="to compile exact.c with")
    parser.add_argument("programs", nargs="*")
    options = parser.parse_args()
    cairn = os.path.join(options.build, "bin", "cairn")
    pattern = options.forms or (FULL if options.full else ALL if options.all else EVERY)
    failed = runs = 0
    with tempfile.TemporaryDirectory(prefix="cairn-benchmarks-") as directory:
        where = pathlib.Path(directory)
        exact = where / "exact"
        built = forms.execute([options.clang, "-O2", str(PROGRAMS / "exact.c"), "-o", str(exact)])
        if built.returncode:
            print(built.stdout)
            return 1
        for name, sizes in expected().items():
            if options.programs and name not in options.programs:
                continue
            size, wanted = sizes[-1 if options.full else 0]
            for form in [f for f in forms.FORMS if re.fullmatch(pattern, f)]:
                if not forms.possible(form, pathlib.Path(name)):
                    continue
                try:
                    if options.full:
                        wrong = full(cairn, name, form, size, wanted, where)
                    else:
                        most = int(forms.execute([str(exact), name, size]).stdout.split()[1])
                        wrong = small(cairn, name, form, size, wanted, most, where)
                except RuntimeError as error:
                    wrong = str(error)
                runs += 1
                failed += bool(wrong)
                if wrong:
                    print(f"{name} {form}: {wrong}", flush=True)
    print(f"{runs} runs, {failed} failed")
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    sys.exit(main())

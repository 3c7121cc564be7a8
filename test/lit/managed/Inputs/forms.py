#!/usr/bin/env python3
# ===- forms.py - Runs a program on managed references in many forms ----------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Builds a program of test/programs/managed in each form, and compares its output.

    forms.py --build BUILD [--forms REGEX | --all] [--time] PROGRAM...

A PROGRAM is a path without its suffix; its other files are PROGRAM-*.c, and its output is in
PROGRAM.out. The program itself says whether more objects are live than exact counting leaves,
and that none is left. Without --all, a program runs in the forms of every program, and in one
of the rest, which differs from program to program.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

WASI = pathlib.Path(__file__).resolve().parents[2] / "driver" / "Inputs" / "wasi.mjs"
# The limit lets the heap reserve little: qemu keeps a record of each page, and takes ten seconds
# for what the heap reserves otherwise.
AARCH64 = ["bash", "-c", 'ulimit -v 4000000; exec "$@"', "-", "qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]
# Name, flags of `cairn build` or `cairn run`, environment.
EVERY = {
    "O0": ["-O0"],
    "O2-checked": ["-O2"],
    "O3": ["-O3", "--certify"],
    "jit-O1": ["-O1"],
    "wasm-O2": ["-O2", "--target=wasm32-wasi"],
    "aarch64-O2": ["-O2", "--target=aarch64-linux-gnu"],
}
REST = {
    "O0-checked": ["-O0"],
    "O1": ["-O1"],
    "O1-checked": ["-O1"],
    "O2": ["-O2"],
    "Os": ["-Os"],
    "Oz": ["-Oz"],
    "O2-debug": ["-O2", "-g"],
    "O0-static": ["-O0", "--heap=static"],
    "O2-static": ["-O2", "--heap=static"],
    "O2-thin": ["-O2", "-flto=thin"],
    "O2-full": ["-O2", "-flto=full"],
    "O1-link": ["-O1", "-flto", "--count-at-link", "--certify"],
    "O2-link": ["-O2", "-flto", "--count-at-link", "--certify"],
    "Os-link": ["-Os", "-flto", "--count-at-link"],
    "O3-link-checked": ["-O3", "-flto", "--count-at-link"],
    "O0-asan": ["-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    "O2-asan": ["-O2", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    "O1-tsan": ["-O1", "-fsanitize=thread"],
    "jit-O0": ["-O0"],
    "jit-O2": ["-O2"],
    "jit-O3": ["-O3"],
    "wasm-O0": ["-O0", "--target=wasm32-wasi"],
    "wasm-Oz": ["-Oz", "--target=wasm32-wasi"],
    "aarch64-O0": ["-O0", "--target=aarch64-linux-gnu"],
}
FORMS = EVERY | REST


def possible(form: str, program: pathlib.Path) -> bool:
    """Whether the program and this machine can do it."""
    if "-link" in form and program.name == "finalisers":
        return False  # what it prints is right where exported functions have the default convention
    if form.startswith("wasm"):
        if program.name in ("threads", "exceptions", "unwinding"):
            return False
        return bool(shutil.which("node")) and os.path.exists("/usr/lib/wasm32-wasi/libc.a")
    if form.startswith("aarch64"):
        # The driver has no headers of C++'s library for a target that is not this machine.
        if program.name == "exceptions":
            return False
        # There clang copies structures of two words to variables where it passes them, which are slots at -O0.
        if program.name == "values" and form == "aarch64-O0":
            return False
        return bool(shutil.which("qemu-aarch64")) and os.path.isdir("/usr/lib/gcc-cross/aarch64-linux-gnu")
    return True


def chosen(options: argparse.Namespace, program: pathlib.Path) -> list[str]:
    if options.forms:
        names = [f for f in FORMS if re.fullmatch(options.forms, f)]
    elif options.all:
        names = list(FORMS)
    else:
        at = sum(map(ord, program.name))
        rest = list(REST)
        names = [*EVERY, rest[at % len(rest)]]
    return [f for f in dict.fromkeys(names) if possible(f, program)]


def execute(command: list[str], checked: bool = False) -> subprocess.CompletedProcess:
    environment = dict(os.environ, CAIRN_CHECK="1" if checked else "0")
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
        check=False, text=True, errors="replace",
    )  # fmt: skip


def run(cairn: str, program: pathlib.Path, form: str, where: pathlib.Path) -> str:
    """What is wrong, or nothing."""
    sources = [str(p) for p in sorted(program.parent.glob(f"{program.name}*.c*"))
               if re.fullmatch(re.escape(program.name) + r"(-\w+)?\.(c|cpp)", p.name)]  # fmt: skip
    standard = "-std=c++20" if sources[0].endswith("pp") else "-std=c11"
    flags = [*FORMS[form], standard, "-Wall", "-Wextra", "-Werror", *sources]
    if form.startswith("jit"):
        command = [cairn, "run", *flags]
    else:
        out = where / f"{program.name}-{form}"
        built = execute([cairn, "build", *flags, "-o", str(out)])
        if built.returncode:
            return f"does not build:\n{built.stdout}"
        command = [str(out)]
        if form.startswith("wasm"):
            command = ["node", "--no-warnings", str(WASI), str(out)]
        elif form.startswith("aarch64"):
            command = [*AARCH64, str(out)]
    done = execute(command, form.endswith("-checked"))
    wanted = program.with_suffix(".out").read_text()
    if done.returncode == 0 and done.stdout == wanted:
        return ""
    return f"status {done.returncode}, prints\n{done.stdout}instead of\n{wanted}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--forms", help="a regular expression")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--time", action="store_true")
    parser.add_argument("programs", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    cairn = os.path.join(options.build, "bin", "cairn")
    runs = failed = 0
    with tempfile.TemporaryDirectory(prefix="cairn-forms-") as directory:
        for program in options.programs:
            for form in chosen(options, program):
                start = time.monotonic()
                wrong = run(cairn, program, form, pathlib.Path(directory))
                runs += 1
                failed += bool(wrong)
                if wrong or options.time:
                    print(f"{program.name} {form}: {time.monotonic() - start:.1f} s {wrong}", flush=True)
    print(f"{runs} runs, {failed} failed")
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# ===- differential.py - Random programs, in every form ----------------------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Runs random programs in every form, and compares what they print.

A program (cairn-differ generate) is interpreted against the model and through the
C API, and built from C and from IR at each -O level, with the plugin, without it,
lowered at link time, by opt and llc, bound to a static heap, in the JIT, and, with --workers 0, as
WebAssembly under Node. Each run is repeated with CAIRN_CHECK=1, but for WebAssembly, which has
no checked heaps. All must print the model's line.
With --faults, programs with a planted fault are run, and each fault must be seen.
"""

import argparse
import dataclasses
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

FIXED_SEEDS = range(1, 9)
FAULTS = ("lost-decref", "double-decref", "wrong-child", "missed-share", "wrong-size")
SOURCE = pathlib.Path(__file__).resolve().parent
WASI = SOURCE.parent / "lit" / "driver" / "Inputs" / "wasi.mjs"


@dataclasses.dataclass(frozen=True)
class Form:
    """A way to build a program."""

    language: str  # "c" or "ll"
    level: int
    lowering: str  # "plugin", "static", "plain", "thin", "full", "opt", "jit" or "wasm"

    def __str__(self) -> str:
        return f"{self.language}-O{self.level}-{self.lowering}"


FORMS = [
    Form(language, level, lowering)
    for lowering, levels in (
        ("plugin", range(4)),
        ("static", (0, 2)),
        ("plain", range(4)),
        ("thin", range(1, 4)),
        ("full", range(1, 4)),
        ("jit", range(4)),
    )
    for level in levels
    for language in ("c", "ll")
] + [Form("ll", level, "opt") for level in (0, 2)]
# Pointers are 4 bytes, which the IR does not suit; and there are no threads.
WASM_FORMS = [Form("c", level, "wasm") for level in range(4)]


@dataclasses.dataclass
class Run:
    status: int
    output: str

    def line(self) -> str:
        lines = [x for x in self.output.splitlines() if x.startswith("checksum ")]
        return lines[0] if len(lines) == 1 and self.status == 0 else ""


class Failure(Exception):
    """A program that does not do what the model says."""


class Harness:
    def __init__(self, options: argparse.Namespace, directory: pathlib.Path) -> None:
        self.options = options
        self.directory = directory
        self.build = pathlib.Path(options.build)
        self.plugin = self.build / "lib" / "CairnPlugin.so"
        self.library = self.build / "lib" / "libcairn.a"
        self.differ = self.build / "bin" / "cairn-differ"
        self.runs = 0
        self.support = directory / "support.o"
        self.compile("-O1", "-c", SOURCE / "support.c", "-o", self.support)

    def tool(self, name: str) -> str:
        return str(pathlib.Path(self.options.llvm or self.build / "llvm") / name)

    def execute(self, command: list[str], checked: bool = False, limit: float = 120) -> Run:
        environment = dict(os.environ)
        environment.pop("CAIRN_STATS", None)
        environment["CAIRN_CHECK"] = "1" if checked else "0"
        try:
            done = subprocess.run(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=limit, check=False, errors="replace",
            )  # fmt: skip
            return Run(done.returncode, done.stdout)
        except subprocess.TimeoutExpired as expired:
            out = expired.stdout or b""
            return Run(-1, f"no end after {limit} seconds\n" + out.decode(errors="replace"))

    def compile(self, *args: object) -> None:
        self.must([
            self.tool("clang"), "-std=c11", "-w",
            f"-I{SOURCE}", f"-I{SOURCE.parent.parent / 'runtime' / 'include'}",
            *map(str, args),
        ])  # fmt: skip

    def must(self, command: list[str]) -> None:
        run = self.execute(command, limit=600)
        if run.status:
            raise Failure(f"{' '.join(command)}\n{run.output}")

    def generate(self, name: list[str], where: pathlib.Path) -> Run:
        return self.execute([str(self.differ), "generate", *name, str(where)])

    def make(self, form: Form, where: pathlib.Path) -> list[str]:
        """Builds a program in one form, and returns the command that runs it."""
        out = where / str(form)
        source = where / f"program.{form.language}"
        level = f"-O{form.level}"
        if form.lowering == "jit":
            return [
                str(self.build / "bin" / "cairn"), "run", level, "-std=c11", "-Wno-everything",
                f"-I{SOURCE}", str(source), str(SOURCE / "support.c"),
            ]  # fmt: skip
        if form.lowering == "wasm":
            self.must([
                str(self.build / "bin" / "cairn"), "build", level, "--target=wasm32-wasi",
                "-std=c11", "-Wno-everything", f"-I{SOURCE}", str(source),
                str(SOURCE / "support.c"), "-o", f"{out}.wasm",
            ])  # fmt: skip
            return ["node", "--no-warnings", str(WASI), f"{out}.wasm"]
        link = [self.support, self.library, "-pthread", "-o", out]
        if form.lowering == "plain":
            self.compile(level, source, *link)
        elif form.lowering == "plugin":
            self.compile(level, f"-fpass-plugin={self.plugin}", source, *link)
        elif form.lowering == "static":
            # Its option is the plugin's, which clang reads late but for -load.
            self.compile(
                level, f"-fpass-plugin={self.plugin}", "-Xclang", "-load", "-Xclang", self.plugin,
                "-mllvm", "-cairn-heap=static", source, *link,
            )  # fmt: skip
        elif form.lowering == "opt":
            # Without clang: opt, then the code generator.
            lowered, assembly = where / "lowered.bc", where / "lowered.o"
            self.must([
                self.tool("opt"), f"-load-pass-plugin={self.plugin}",
                f"-passes=default<O{form.level}>", str(source), "-o", str(lowered),
            ])  # fmt: skip
            self.must([
                self.tool("llc"), level, "--relocation-model=pic", "--filetype=obj",
                str(lowered), "-o", str(assembly),
            ])  # fmt: skip
            self.compile(assembly, *link)
        else:
            self.compile(
                level, f"-flto={form.lowering}", f"-fpass-plugin={self.plugin}",
                f"--ld-path={self.tool('ld.lld')}", f"-Wl,--load-pass-plugin={self.plugin}",
                source, *link,
            )  # fmt: skip
        return [str(out)]

    def name_of(self, seed: int) -> list[str]:
        name = ["--seed", str(seed), "--operations", str(self.options.operations)]
        if self.options.helpers is not None:
            name += ["--helpers", str(self.options.helpers)]
        if self.options.workers is not None:
            name += ["--workers", str(self.options.workers)]
        return name

    def compare(self, seed: int, forms: list[Form]) -> str:
        """Runs one program in the forms; returns what it is. Raises Failure."""
        where = self.directory / str(seed)
        where.mkdir(exist_ok=True)
        name = self.name_of(seed)
        model = self.generate(name, where)
        if model.status:
            raise Failure(f"cairn-differ generate: {model.output}")
        wanted = model.line()
        commands = {"api": [str(self.differ), "run", *name]}
        for form in forms:
            try:
                commands[str(form)] = self.make(form, where)
            except Failure as failure:
                raise Failure(f"{form} does not build: {failure}") from None
        for form_name, command in commands.items():
            for checked in (False,) if command[0] == "node" else (False, True):
                self.runs += 1
                run = self.execute(command, checked)
                if run.line() != wanted:
                    raise Failure(
                        f"{form_name}{' with CAIRN_CHECK=1' if checked else ''}"
                        f" (status {run.status}) prints:\n  {run.output.strip()[:2000]}\n"
                        f"the model:\n  {wanted}"
                    )
        shutil.rmtree(where)
        return model.output.splitlines()[1]


def forms_for(options: argparse.Namespace, seed: int) -> list[Form]:
    """All forms that were asked for, or a few that differ from seed to seed."""
    forms = FORMS + WASM_FORMS if options.workers == 0 else FORMS
    if options.forms:
        return [form for form in forms if re.fullmatch(options.forms, str(form))]
    return random.Random(seed).sample(forms, 5)


def shrink(harness: Harness, seed: int, forms: list[Form]) -> list[str]:
    """Names the same program with as few operations, so rounds, as still fail."""
    options = harness.options
    best = harness.name_of(seed)
    operations = options.operations
    while options.operations > 100:
        options.operations //= 4
        try:
            harness.compare(seed, forms)
            break
        except Failure:
            best = harness.name_of(seed)
    options.operations = operations
    return best


def compare_all(harness: Harness, options: argparse.Namespace) -> int:
    start = time.monotonic()
    fresh = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    if options.seed is None:
        seeds = list(FIXED_SEEDS)
        print(f"fixed seeds, then those from {fresh}", flush=True)
    else:
        seeds = []
    done = 0
    while done == 0 or time.monotonic() - start < options.seconds:
        if options.count and done == options.count:
            break
        seed = seeds.pop(0) if seeds else fresh
        if seed == fresh:
            fresh += 1
        forms = forms_for(options, seed)
        try:
            what = harness.compare(seed, forms)
        except Failure as failure:
            print(f"FAILED: seed {seed}: {failure}", flush=True)
            options.keep = True
            culprits = [form for form in forms if str(failure).startswith(f"{form} ")]
            smallest = shrink(harness, seed, culprits or forms)
            pattern = "|".join(map(str, culprits)) or "api"
            print(
                "reproduce: differential.py --build BUILD --count 1 --keep"
                f" {' '.join(smallest)} --forms '{pattern}'\n"
                f"the program is in {harness.directory / str(seed)}"
            )
            return 1
        done += 1
        if options.verbose:
            print(f"seed {seed}: {what}; {', '.join(map(str, forms))}", flush=True)
    print(f"{done} programs, {harness.runs} runs, {time.monotonic() - start:.0f} s: all the same")
    return 0


# What must see a fault: each is a form and whether CAIRN_CHECK is set.
WITNESSES = [
    (Form("c", 0, "plain"), False),
    (Form("c", 0, "plain"), True),
    (Form("c", 2, "plugin"), False),
    (Form("c", 2, "plugin"), True),
    (Form("ll", 2, "plugin"), False),
]


def may_miss(fault: str, label: str) -> bool:
    """Whether this run may be blind to the fault. The inlined free of a thread's own
    block has no use for its size."""
    return fault == "wrong-size" and "plugin" in label and "checked" not in label


def check_faults(harness: Harness) -> int:
    """Plants each fault in some programs. It must be seen in every run that may not
    miss it, and in one run of each program at least."""
    missed = 0
    for fault in FAULTS:
        seen, tried, raced = 0, 0, 0
        lines = []
        for seed in range(100, 160):
            if tried == 3:
                break
            where = harness.directory / f"{fault}-{seed}"
            where.mkdir()
            name = ["--seed", str(seed), "--operations", "200000", "--fault", fault]
            if fault == "missed-share":
                name += ["--workers", "3"]
            model = harness.generate(name, where)
            if model.status == 4:
                continue
            if model.status:
                raise Failure(f"seed {seed}: {model.output}")
            tried += 1
            wanted = model.line()
            runs = {"api": ([str(harness.differ), "run", *name], False)}
            for form, checked in WITNESSES:
                label = f"{form}{'-checked' if checked else ''}"
                runs[label] = (harness.make(form, where), checked)
            blind = []
            for label, (command, checked) in runs.items():
                line = harness.execute(command, checked, limit=30).line()
                if line == wanted:
                    blind.append(label)
                raced += not line.startswith(wanted)
            must = [x for x in blind if not may_miss(fault, x)]
            seen += len(runs) - len(blind)
            if must or len(blind) == len(runs):
                missed += 1
                lines.append(f"  seed {seed}: not seen by {', '.join(blind)}")
        print(
            f"{fault}: seen in {seen} of {tried * (len(WITNESSES) + 1)} runs"
            + (f", in {raced} of them by what came of it" if fault == "missed-share" else ""),
            flush=True,
        )
        print("\n".join(lines), end="\n" if lines else "", flush=True)
        missed += tried == 0
    return 1 if missed else 0


def common_options(description: str | None, seconds: float, operations: int) -> argparse.ArgumentParser:
    """The options of this program and of managed.py, with their defaults."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--build", required=True, help="the build directory")
    parser.add_argument("--llvm", help="where clang is; else the LLVM of the build")
    parser.add_argument("--seconds", type=float, default=seconds, help="start no program after that")
    parser.add_argument("--seed", type=int, help="the first seed; else fixed, then random ones")
    parser.add_argument("--count", type=int, default=0, help="programs at most")
    parser.add_argument("--operations", type=int, default=operations, help="statements that a program executes")
    parser.add_argument("--forms", help="a regular expression, such as 'c-O2-.*'; 'api' for none of them")
    parser.add_argument("--faults", action="store_true", help="plant faults, which must be seen")
    parser.add_argument("--keep", action="store_true", help="keep the programs")
    parser.add_argument("--verbose", action="store_true")
    return parser


def run_in_directory(options: argparse.Namespace, check: Callable[[pathlib.Path], int]) -> int:
    """Calls check with a directory for programs, which goes afterwards unless it is to be kept."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="cairn-differential-"))
    try:
        return check(directory)
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    finally:
        if options.keep:
            print(f"kept in {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)


def main() -> int:
    parser = common_options(__doc__, seconds=60, operations=1000000)
    parser.add_argument("--helpers", type=int)
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()

    def check(directory: pathlib.Path) -> int:
        harness = Harness(options, directory)
        return check_faults(harness) if options.faults else compare_all(harness, options)

    return run_in_directory(options, check)


if __name__ == "__main__":
    sys.exit(main())

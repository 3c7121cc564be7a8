#!/usr/bin/env python3
# ===- managed.py - Random programs on managed references, in every form -------=== #
#
# Part of Cairn, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ===----------------------------------------------------------------------=== #
"""Runs random programs on managed references in every form, and compares them with a model.

A program (managed/program.py) is written as C and as IR, and the model is the same program on
plain pointers and a collected heap. Each form must print the model's line: the checksum, with
the finalisers that ran in each round and the objects that were left after it, and that never
more objects were live than the model kept.
With --sums, they are programs as compilers of functional languages write them (managed/sums.py).
With --pipelines, programs go through random pipelines of the passes that have names.
With --faults, counts are taken out of, and put into, what the inserter wrote; each fault whose
count is executed must be seen.
"""

import argparse
import dataclasses
import os
import pathlib
import random
import re
import shutil
import sys
import time

import differential

SOURCE = pathlib.Path(__file__).resolve().parent / "managed"
sys.path.insert(0, str(SOURCE))
from pipelines import to_ir  # noqa: E402
from program import Program  # noqa: E402
from sums import Sums  # noqa: E402

FIXED_SEEDS = range(1, 5)
SYSROOT = "/usr/aarch64-linux-gnu"
# Under a limit the heap reserves little address space, of which qemu keeps a record for each page.
QEMU = ["bash", "-c", 'ulimit -v 4000000; exec "$@"', "-", "qemu-aarch64", "-L", SYSROOT]


@dataclasses.dataclass(frozen=True)
class Form:
    language: str  # "c" or "ll"
    level: str
    lowering: str  # see make()

    def __str__(self) -> str:
        return f"{self.language}-O{self.level}-{self.lowering}"


FORMS = [
    Form(language, level, lowering)
    for lowering, levels in (
        ("plugin", "0123sz"),
        ("static", "2"),
        ("thin", "2"),
        ("full", "13"),
        ("link", "123"),
        ("jit", "0123"),
    )
    for level in levels
    for language in ("c", "ll")
] + [Form("ll", level, "opt") for level in "02"]
# Exceptions are written in IR only.
THROWING = [f for f in FORMS if f.language == "ll" and f.lowering in ("plugin", "thin", "full", "link", "opt")]
SANITIZED = [Form("c", level, kind) for kind in ("asan", "ubsan", "tsan") for level in "02"]
FOREIGN = [Form("c", level, "wasm") for level in "02"] + [Form("c", level, "aarch64") for level in "02"]


class Harness(differential.Harness):
    def __init__(self, options: argparse.Namespace, directory: pathlib.Path) -> None:
        self.options = options
        self.directory = directory
        self.build = pathlib.Path(options.build)
        self.plugin = self.build / "lib" / "CairnPlugin.so"
        self.library = self.build / "lib" / "libcairn.a"
        self.cairn = str(self.build / "bin" / "cairn")
        self.runs = self.statements = 0
        self.objects: dict[str, list[pathlib.Path]] = {}
        for name in ("PROGRAM", "MODEL"):
            made = []
            for source in ("support.c", "plain.c", "throwing.cpp"):
                made.append(directory / f"{name}-{source}.o")
                self.clang(source, "-O1", f"-D{name}=1", "-c", SOURCE / source, "-o", made[-1])
            self.objects[name] = made

    def clang(self, source: str, *args: object) -> None:
        tool, standard = ("clang++", "-std=c++17") if source.endswith("pp") else ("clang", "-std=c11")
        self.must([
            self.tool(tool), *([] if source.endswith(".ll") else [standard]), "-w", f"-I{SOURCE}",
            f"-I{SOURCE.parent.parent.parent / 'runtime' / 'include'}", *map(str, args),
        ])  # fmt: skip

    def support(self, kind: str, exceptions: bool) -> list[object]:
        common, plain, throwing = self.objects[kind]
        return [common, throwing, "-lstdc++"] if exceptions else [common, plain]

    def traced(self, command: list[str], trace: pathlib.Path, checked: bool) -> differential.Run:
        os.environ["MG_TRACE"] = str(trace)
        try:
            return self.execute([*command, str(self.options.operations)], checked, limit=300)
        finally:
            del os.environ["MG_TRACE"]

    def write(
        self, seed: int, exceptions: bool, where: pathlib.Path, recursions: bool = False
    ) -> list[pathlib.Path]:
        if self.options.sums:
            program = Sums(seed)
            self.by_value = program.by_value
            (where / "program.c").write_text(program.c())
            shutil.copy(to_ir(self, where, "1"), where / "program.ll")
            return [where / "program.c"]
        program = Program(seed, exceptions, recursions)
        self.by_value = program.by_value
        (where / "program.ll").write_text(program.ir(False))
        (where / "model.ll").write_text(program.ir(True))
        if not exceptions:
            (where / "program.c").write_text(program.c())
        return [where / "model.ll"] + ([] if exceptions else [where / "program.c"])

    def model(self, sources: list[pathlib.Path], exceptions: bool, where: pathlib.Path) -> str:
        """The model's line, the same from its C and its IR."""
        lines = []
        for source in sources:
            out = where / f"model{source.suffix}.exe"
            self.clang(
                source.name, "-O1", "-DMODEL", source, *self.support("MODEL", exceptions),
                self.library, "-pthread", "-ldl", "-lm", "-o", out,
            )  # fmt: skip
            run = self.traced([str(out)], where / f"trace{source.suffix}", False)
            lines.append(run.line())
            if not run.line():
                raise differential.Failure(f"the model (status {run.status}) prints:\n{run.output}")
        if len(set(lines)) != 1:
            raise differential.Failure("the models differ:\n  " + "\n  ".join(lines))
        return lines[0]

    def make(self, form: Form, where: pathlib.Path, exceptions: bool = False) -> list[str]:
        """Builds a program in one form, and returns the command that runs it."""
        out, source = where / str(form), where / f"program.{form.language}"
        level = f"-O{form.level}"
        support = self.support("PROGRAM", exceptions)
        link = [*support, self.library, "-pthread", "-ldl", "-lm", "-o", out]
        sources = [str(SOURCE / "support.c"), str(SOURCE / "plain.c")]
        if form.lowering == "jit":
            return [self.cairn, "run", level, "-std=c11", "-w", f"-I{SOURCE}", str(source),
                    *sources, "--"]  # fmt: skip
        if form.lowering in ("wasm", "aarch64"):
            target = "wasm32-wasi" if form.lowering == "wasm" else "aarch64-linux-gnu"
            self.must([
                self.cairn, "build", level, f"--target={target}", "-std=c11", "-w", f"-I{SOURCE}",
                str(source), *sources, "-o", str(out),
            ])  # fmt: skip
            if form.lowering == "wasm":
                return ["node", "--no-warnings", str(differential.WASI), str(out)]
            return [*QEMU, str(out)]
        plugin = f"-fpass-plugin={self.plugin}"
        certify = ["-Xclang", "-load", "-Xclang", self.plugin, "-mllvm", "-cairn-certify"]
        if form.lowering == "plugin":
            self.clang(source.name, level, plugin, *(certify if self.options.certify else []), source, *link)
        elif form.lowering == "static":
            self.clang(
                source.name, level, plugin, "-Xclang", "-load", "-Xclang", self.plugin,
                "-mllvm", "-cairn-heap=static", source, *link,
            )  # fmt: skip
        elif form.lowering in ("asan", "ubsan", "tsan"):
            kind = {"asan": "address", "ubsan": "undefined", "tsan": "thread"}[form.lowering]
            self.clang(
                source.name, level, plugin, f"-fsanitize={kind}", "-fno-sanitize-recover=all", source, *link
            )
        elif form.lowering == "opt":
            lowered, made = where / "lowered.bc", where / "lowered.o"
            self.must([
                self.tool("opt"), f"-load-pass-plugin={self.plugin}", f"-passes=default<O{form.level}>",
                *(["-cairn-certify"] if self.options.certify else []), str(source), "-o", str(lowered),
            ])  # fmt: skip
            self.must([
                self.tool("llc"), level, "--relocation-model=pic", "--filetype=obj", str(lowered), "-o", str(made),
            ])  # fmt: skip
            self.clang("program.o", made, *link)
        else:
            late = ["-Xclang", "-load", "-Xclang", self.plugin, "-mllvm", "-cairn-count-at-link"]
            at_link = form.lowering == "link"
            self.clang(
                source.name, level, f"-flto={'full' if at_link else form.lowering}", plugin,
                *(late if at_link else []), f"--ld-path={self.tool('ld.lld')}",
                f"-Wl,--load-pass-plugin={self.plugin}", source, *link,
            )  # fmt: skip
        return [str(out)]

    def throws(self, seed: int) -> bool:
        """Every third program has exceptions, but for those over sums."""
        return not self.options.sums and seed % 3 == 2

    def compare(self, seed: int, forms: list[Form]) -> None:
        where = self.directory / str(seed)
        where.mkdir(exist_ok=True)
        exceptions = self.throws(seed)
        wanted = self.model(self.write(seed, exceptions, where), exceptions, where)
        statements = int(re.search(r"operations (\d+)", wanted).group(1))
        for form in forms:
            try:
                command = self.make(form, where, exceptions)
            except differential.Failure as failure:
                raise differential.Failure(f"{form} does not build: {failure}") from None
            for checked in (False,) if form in FOREIGN else (False, True):
                self.runs += 1
                self.statements += statements
                run = self.traced(command, where / "trace.ll", checked)
                line = run.line()
                if form.language == "c" and self.by_value:
                    line = re.sub(r"over \d+", "over 0", line)
                if line != wanted:
                    raise differential.Failure(
                        f"{form}{' with CAIRN_CHECK=1' if checked else ''} (status {run.status}) prints:\n"
                        f"  {run.output.strip()[:2000]}\nthe model:\n  {wanted}"
                    )
        if not self.options.keep:
            shutil.rmtree(where)


def forms_for(harness: Harness, seed: int) -> list[Form]:
    options = harness.options
    forms = THROWING if harness.throws(seed) else FORMS + FOREIGN + SANITIZED
    if options.forms:
        return [f for f in forms if re.fullmatch(options.forms, str(f))]
    if shutil.which("qemu-aarch64") is None or not os.path.isdir(SYSROOT):
        forms = [f for f in forms if f.lowering != "aarch64"]
    if shutil.which("node") is None or not os.path.exists("/usr/lib/wasm32-wasi/libc.a"):
        forms = [f for f in forms if f.lowering != "wasm"]
    return random.Random(seed).sample(forms, min(options.sample, len(forms)))


def compare_all(harness: Harness, options: argparse.Namespace) -> int:
    start = time.monotonic()
    fresh = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    seeds = [] if options.seed is not None else list(FIXED_SEEDS)
    done = failed = 0
    while done == 0 or time.monotonic() - start < options.seconds:
        if options.count and done == options.count:
            break
        seed = seeds.pop(0) if seeds else fresh
        fresh += seed == fresh
        done += 1
        try:
            harness.compare(seed, forms_for(harness, seed))
        except differential.Failure as failure:
            print(f"FAILED: seed {seed}: {failure}", flush=True)
            form = str(failure).split(" ")[0]
            print(f"reproduce: managed.py --build BUILD --count 1 --seed {seed} --forms '{form}' --keep", flush=True)
            failed += 1
            if not options.go_on:
                options.keep = True
                return 1
        if options.verbose:
            print(f"seed {seed}", flush=True)
    print(
        f"{done} programs, {harness.runs} runs, {harness.statements} operations, "
        f"{time.monotonic() - start:.0f} s: {failed or 'none'} differ"
    )
    return 1 if failed else 0


def main() -> int:
    parser = differential.common_options(__doc__, seconds=20, operations=100000)
    parser.add_argument("--sample", type=int, default=6, help="how many forms a program is run in")
    parser.add_argument("--sums", action="store_true", help="programs over sums")
    parser.add_argument("--certify", action="store_true", help="certify the counts of the forms 'plugin' and 'opt'")
    parser.add_argument("--mutants", type=int, default=4, help="how many counts of a program are taken")
    parser.add_argument("--pipelines", type=int, default=0, help="random orders of passes for each program, instead")
    parser.add_argument("--alone", action="store_true", help="with --pipelines, also each pass alone")
    parser.add_argument("--go-on", action="store_true", help="do not stop at the first difference")
    options = parser.parse_args()

    def check(directory: pathlib.Path) -> int:
        harness = Harness(options, directory)
        if options.faults:
            import faults

            first = options.seed or 1
            return faults.check(harness, list(range(first, first + (options.count or 2))), options.mutants)
        if options.pipelines or options.alone:
            import pipelines

            return pipelines.check(harness, options)
        return compare_all(harness, options)

    return differential.run_in_directory(options, check)


if __name__ == "__main__":
    sys.exit(main())
